# A class: each has a cluster of their own, and a key for it.

cluster {
  authorize = "seats.keys"

  head {
    type = "t3.medium"
  }

  compute "node" {
    type  = "c5.large"
    count = 1
  }

  storage {
    share {
      size = 4
    }
  }
}
