# A bit of everything: two groups, one of them on spot capacity, one more volume, a firewall rule, somebody who may
# log in, a script for the first boot, and an end.

variable "project" {
  default = "wing"
}

cluster {
  authorize = "people.keys"
  lifetime  = "4h"
  tags      = { project = var.project }

  head {
    type      = "t3.medium"
    user_data = "first_boot.sh"
  }

  compute "node" {
    type      = "c5.large"
    count     = 1
    user_data = "first_boot.sh"
  }

  compute "big" {
    type      = "c5.xlarge"
    count     = 1
    spot      = true
    user_data = "first_boot.sh"
  }

  storage {
    share {
      size = 4
    }

    volume "data" {
      size        = 4
      mount       = "/data"
      file_system = "xfs"
      keep        = true
    }
  }

  firewall "notebooks" {
    ports       = "8888-8890"
    cidr        = ["203.0.113.0/24"]
    description = "Jupyter"
  }
}
