# In a network, with a role and a bucket that are there already: for accounts in which you may not make any of them.
cluster {
  region   = "eu-central-1"
  ssh_from = ["10.0.0.0/8"]

  head {
    type           = "c5.xlarge"
    public_address = false # reached by its private address, through the VPN
  }

  compute "node" {
    count          = 4
    public_address = false
  }

  storage {
    share {
      size = 100
    }
    permanent {
      bucket = "our-group-data"
    }
  }

  network {
    vpc              = "vpc-0123456789abcdef0"
    subnet           = "subnet-0123456789abcdef0"
    security_groups  = ["sg-0123456789abcdef0"]
    instance_profile = "hpc-nodes"
  }
}
