cluster {
  zone = "us-east-1a"
  compute "node" {
    type = "c5.xlarge"
  }
  storage {
    volume "data" {
      size = 5
    }
    efs "models" {}
  }
  firewall "x" {}
}
