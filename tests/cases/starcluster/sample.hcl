# Translated from config, a configuration of StarCluster, by `hpcctl import-starcluster`.
#
#   hpcctl validate FILE                     is it right?
#   hpcctl create NAME --file FILE           --template LABEL chooses one of several
#
# What is different from StarCluster:
# - ssh is open to your own address alone, unless ssh_from says more.
# - firewall blocks open ports of the head; compute nodes are reached through it.
# - Homes are on /share, a volume that goes with the cluster; /permanent is a bucket that stays.
#
# Your AWS keys are not copied: hpcctl takes what the AWS command line takes (`aws configure`, `aws
# sso login`, environment variables, a profile).

cluster "smallcluster" {
  region = "us-east-1"
  # made for StarCluster (before 2016, by its id: it is probably gone); today: image = "debian-12",
  # the newest Debian 12
  image = "ami-3393a45a"
  # CLUSTER_USER = sgeadmin: that is Grid Engine's own user here; the login user is called hpc
  # KEYNAME = mykey: each cluster gets a key of its own. To log in with ~/.ssh/mykey.rsa as well, make
  # its public half, `ssh-keygen -y -f ~/.ssh/mykey.rsa > ~/.ssh/mykey.rsa.pub`, and write: key =
  # "~/.ssh/mykey.rsa.pub"

  head {
    # m1.small is of a previous generation, which many zones do not have; today's like: t3.small
    type = "m1.small"
  }

  compute "node" {
    # m1.small is of a previous generation, which many zones do not have; today's like: t3.small
    type = "m1.small"
    count = 1
  }

  storage {
    share {
      # GiB; homes are here, not on the head's own disk
      size = 50
    }
  }
}
