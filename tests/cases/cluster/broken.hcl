variable "size" {}

cluster {
  head { type = "c5" }
  compute "node" {
    count = var.cuont
  }
  storage {
    share { size = var.size }
  }
}
