cluster {
  head { type = "c5.xlarge" }
  storage {
    share {
      size       = 10
      iops       = 6000
      throughput = 2000
    }
    volume "share" {
      mount = "/data"
    }
    volume "there" {
      mount      = "/data/more"
      id         = "vol-0123456789abcdef0"
      size       = 10
      throughput = 125
      keep       = false
    }
    volume "again" {
      mount = "/share/more"
      id    = "vol-0123456789abcdef0"
    }
    volume "fast" {
      mount = "/fast"
      size  = 10
      type  = "io1"
      iops  = 1000
      throughput = 250
    }
    volume "slow" {
      mount = "/slow"
      size  = 100
      type  = "sc1"
      iops  = 100
    }
    volume "none" {
      mount = "/usr/local"
      size  = 10
      type  = "io2"
    }
    efs "there" {
      mount = "/fast"
      id    = "fs-0123456789abcdef0"
    }
    permanent {
      bucket  = "mine"
      enabled = false
    }
  }
}
