cluster "small" {
  head {
    type = "c5.xlarge"

  compute "node" {
    count = 3
  }
}
