"""AWS by boto3: what it offers, what is there. Reading only; Terraform makes and removes.

boto3 itself is imported with the first call, not with these modules.
"""
