"""StarCluster's configuration, translated into a cluster file.

``reading`` makes records of the INI files, ``translating`` says the same in our words (``items``), ``writing`` makes
text of that. ``known`` holds what has to be known of the past: old instance types, plugins, settings that have no
counterpart. Nothing here touches a file: whoever calls hands in what is to be read.
"""
