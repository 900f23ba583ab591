# Two groups on spot capacity behind a small head that is safe and runs no jobs; `qsub -q all.q@@gpu` chooses the second.
variable "project" {
  default     = "wing"
  description = "Goes on the bill."
}

cluster {
  tags      = { project = var.project }
  lifetime  = "12h" # then the machines switch themselves off; data stay
  min_nodes = 5     # go on without some of the others

  head {
    type      = "m6i.large"
    runs_jobs = false
  }

  compute "cpu" {
    count           = 8
    type            = "c5.4xlarge"
    hyper_threading = false
    spot            = true
  }

  compute "gpu" {
    count          = 2
    type           = "g5.xlarge"
    spot_max_price = 0.6 # USD an hour for each node
    root_size      = 60
    cpus_per_slot  = 4
  }

  storage {
    share {
      size = 200
    }
  }

  firewall "jupyter" {
    ports       = 8888
    cidr        = "203.0.113.0/24"
    description = "notebooks on the head"
  }
}
