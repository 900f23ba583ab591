cluster {
  region = "us-east-1"
  zone   = "us-east-1a"
  zones  = ["us-east-1b", "eu-central-1a", "us-east-1b"]
  head { type = "c5.xlarge" }
  storage {
    share { size = 50 }
  }
  network {
    vpc = "vpc-0123456789abcdef0"
  }
  firewall "a" {
    ports = "80"
    cidr  = "10.0.0.0/8"
  }
  firewall "b" {
    ports = "80-80"
    cidr  = ["192.168.0.0/16", "10.0.0.0/8"]
  }
  firewall "c" {
    protocol = "icmp"
    ports    = "80"
    cidr     = "10.0.0.0/8"
  }
  firewall "d" {
    cidr = "10.0.0.0/8"
  }
}
