cluster {
  min_nodes = 1000
  image     = "debian-12"
  image_name = "hpc-*"
  head {
    type           = "c5.xlarge"
    public_address = false
    image_owner    = "self"
  }
  compute "a" {
    count          = 600
    spot           = false
    spot_max_price = 0.5
  }
  compute "b" {
    count = 600
  }
  storage {
    share { size = 50 }
  }
}
