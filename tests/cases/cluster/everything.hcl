variable "project" {
  default     = "wing"
  description = "Goes on the bill."
}
cluster "small" {
  region    = "eu-central-1"
  zone      = "eu-central-1a"
  image     = "debian-12"
  user      = "hpc"
  shell     = "/bin/bash"
  key       = "files/me.pub"
  authorize = "files/seats.keys"
  ssh_from  = ["203.0.113.0/24"]
  scheduler = "sge"
  lifetime  = "12h"
  min_nodes = 3
  boot_seconds = 900
  tags      = { project = var.project }
  head {
    type      = "c5.xlarge"
    root_size = 20
    runs_jobs = true
  }
  compute "node" {
    type            = "c5.18xlarge"
    count           = 8
    spot            = true
    root_size       = 20
    cpus_per_slot   = 2
    hyper_threading = false
    efa             = true
    placement       = true
    public_address  = false
    image           = "ami-0123456789abcdef0"
    user_data       = ["files/tune.sh"]
  }
  storage {
    share {
      size        = 50
      type        = "gp3"
      iops        = 6000
      throughput  = 250
      file_system = "ext4"
      snapshot    = "snap-0123456789abcdef0"
      keep        = false
    }
    volume "data" {
      id    = "vol-0123456789abcdef0"
      mount = "/data"
      share = true
    }
    efs "models" {
      id    = "fs-0123456789abcdef0"
      mount = "/models"
    }
    permanent {
      bucket = "my-bucket"
    }
  }
  network {
    vpc              = "vpc-0123456789abcdef0"
    subnet           = "subnet-0123456789abcdef0"
    security_groups  = ["sg-0123456789abcdef0"]
    instance_profile = "hpc-nodes"
  }
  firewall "jupyter" {
    ports       = 8888
    protocol    = "tcp"
    cidr        = ["203.0.113.0/24"]
    description = "notebooks"
  }
}
