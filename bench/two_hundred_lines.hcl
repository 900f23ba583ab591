# Two hundred lines, to measure `hpcctl validate` with.
variable "project" {
  default     = "wing"
  description = "Goes on the bill."
}

cluster "base" {
  region    = "us-east-1"
  zones     = ["us-east-1a", "us-east-1b", "us-east-1c"]
  ssh_from  = ["203.0.113.0/24", "198.51.100.0/24"]
  lifetime  = "1d12h"
  min_nodes = 10
  tags = {
    project = var.project
    made    = "for ${var.project}"
  }

  head {
    type      = "m6i.2xlarge"
    root_size = 60
    runs_jobs = false
  }

  storage {
    share {
      size        = 2000
      type        = "gp3"
      iops        = 12000
      throughput  = 1000
      file_system = "xfs"
      keep        = true
    }

    volume "genomes" {
      mount = "/data/genomes"
      size  = 100
      type  = "gp3"
      share = false
    }

    volume "proteins" {
      mount = "/data/proteins"
      size  = 200
      type  = "gp3"
      share = true
    }

    volume "archive" {
      mount = "/data/archive"
      size  = 300
      type  = "gp3"
      share = false
    }

    volume "models" {
      mount = "/data/models"
      size  = 400
      type  = "gp3"
      share = true
    }

    volume "results" {
      mount = "/data/results"
      size  = 500
      type  = "gp3"
      share = false
    }

    volume "inputs" {
      mount = "/data/inputs"
      size  = 600
      type  = "gp3"
      share = true
    }
  }
}

cluster "big" {
  extends = "base"
  tags    = { size = "big" }

  compute "cpu" {
    type            = "c5.large"
    count           = 2
    spot            = false
    root_size       = 40
    cpus_per_slot   = 1
    hyper_threading = false
    placement       = false
  }

  compute "mem" {
    type            = "c5.xlarge"
    count           = 3
    spot            = true
    root_size       = 40
    cpus_per_slot   = 2
    hyper_threading = false
    placement       = false
  }

  compute "gpu" {
    type            = "c5.2xlarge"
    count           = 4
    spot            = false
    root_size       = 40
    cpus_per_slot   = 1
    hyper_threading = false
    placement       = false
  }

  compute "net" {
    type            = "c5.large"
    count           = 5
    spot            = true
    root_size       = 40
    cpus_per_slot   = 2
    hyper_threading = false
    placement       = false
  }

  compute "fat" {
    type            = "c5.xlarge"
    count           = 6
    spot            = false
    root_size       = 40
    cpus_per_slot   = 1
    hyper_threading = false
    placement       = false
  }

  compute "tiny" {
    type            = "c5.2xlarge"
    count           = 7
    spot            = true
    root_size       = 40
    cpus_per_slot   = 2
    hyper_threading = false
    placement       = false
  }

  compute "test" {
    type            = "c5.large"
    count           = 8
    spot            = false
    root_size       = 40
    cpus_per_slot   = 1
    hyper_threading = false
    placement       = false
  }

  compute "long" {
    type            = "c5.xlarge"
    count           = 9
    spot            = true
    root_size       = 40
    cpus_per_slot   = 2
    hyper_threading = false
    placement       = false
  }

  compute "short" {
    type            = "c5.2xlarge"
    count           = 10
    spot            = false
    root_size       = 40
    cpus_per_slot   = 1
    hyper_threading = false
    placement       = false
  }

  firewall "rule0" {
    ports       = 8000
    cidr        = "203.0.113.0/24"
    description = "service 0"
  }

  firewall "rule1" {
    ports       = 8001
    cidr        = "203.0.113.0/24"
    description = "service 1"
  }

  firewall "rule2" {
    ports       = 8002
    cidr        = "203.0.113.0/24"
    description = "service 2"
  }

  firewall "rule3" {
    ports       = 8003
    cidr        = "203.0.113.0/24"
    description = "service 3"
  }
  # and so on
  # and so on
  # and so on
  # and so on
  # and so on
}
