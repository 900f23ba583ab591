cluster {
  scheduler = "none"
  lifetime  = "1d12h"
  image_name  = "hpc-*"
  image_owner = "123456789012"
  head {
    type           = "c5.xlarge"
    runs_jobs      = false
    public_address = false
  }
  storage {
    share {
      size       = 500
      type       = "io2"
      iops       = 10000
      keep       = true
    }
    volume "scratch2" {
      mount    = "/mnt/fast"
      size     = 160
      iops     = 80000
      throughput = 2000
      share    = false
      snapshot = "snap-0123456789abcdef0"
    }
    volume "archive" {
      mount       = "/archive"
      size        = 500
      type        = "st1"
      file_system = "xfs"
    }
    permanent {
      enabled = false
    }
  }
  network {
    subnet          = "subnet-0123456789abcdef0"
    security_groups = "sg-0123456789abcdef0"
  }
  firewall "ping" {
    protocol = "icmp"
    cidr     = "0.0.0.0/0"
  }
  firewall "ssh-too" {
    ports = "20-30"
    cidr  = ["10.0.0.0/8", "192.168.0.0/16"]
  }
}
