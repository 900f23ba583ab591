# What is on disks: a /share that outlives the cluster, a volume from a snapshot, one that exists, one for the head alone.
cluster {
  zones = ["us-east-1a", "us-east-1b"]

  head {
    type = "c5.2xlarge"
  }

  compute "node" {
    count = 8
  }

  storage {
    share {
      size        = 500
      iops        = 6000
      throughput  = 500
      file_system = "xfs"
      keep        = true
    }

    volume "genomes" {
      mount    = "/genomes"
      size     = 200
      snapshot = "snap-0123456789abcdef0"
    }

    volume "archive" {
      mount = "/archive"
      id    = "vol-0123456789abcdef0"
    }

    volume "database" {
      mount = "/srv/database"
      size  = 100
      type  = "io2"
      iops  = 3000
      share = false
    }

    permanent {
      enabled = false
    }
  }
}
