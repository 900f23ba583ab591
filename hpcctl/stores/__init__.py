"""Clusters that a team shares: in a bucket, with a copy on each machine that works on them.

::

    clusters/NAME/cluster.json        the record, in the bucket as in the workspace
    clusters/NAME/files.json          what else every machine needs: Terraform's folder, the hosts' public keys
    clusters/NAME/terraform.tfstate   Terraform's own, with terraform.tfstate.tflock beside it while it runs
    clusters/NAME/lock                who works on it; a lease, so that a dead process cannot keep it

Private keys and logs stay where they were made. The bucket is the truth; a workspace is a copy.
"""
