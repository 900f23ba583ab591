cluster {
  count  = 4
  type   = "c5.xlarge"
  subnet = "subnet-0123456789abcdef0"

  share {
    size = 50
  }
  efs "models" {
    id = "fs-0123456789abcdef0"
  }
  head {
    type = "c5.xlarge"
  }
  storage {
    size = 50
    share {
      size = 50
    }
  }
}
