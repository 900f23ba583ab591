# with: set:count=many
variable "count" {}

cluster {
  head { type = "c5.xlarge" }
  compute "node" {
    count = var.count
  }
  storage {
    share { size = 50 }
  }
}
