cluster {
  availability_zone = "us-east-1a"
  master_instance_type = "c5.xlarge"
  head = "c5.xlarge"
  tags { project = "wing" }
  head {
    instance_type = "c5.xlarge"
    count         = 2
  }
  computes "node" {
    count = 1
  }
  compute "node" {
    number = 3
    count  = 3
    volume "x" {}
  }
  storage {
    share { size = 50 }
  }
  plugin "spark" {
    anything = true
  }
  hook "after" {}
  network "own" {}
  firewall {
    ports = "80"
    cidr  = "10.0.0.0/8"
  }
}
