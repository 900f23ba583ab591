"""What is promised of a cluster on machines: one cluster of three nodes for all files of this folder, in their order.

A test that breaks something puts it right again.
"""
