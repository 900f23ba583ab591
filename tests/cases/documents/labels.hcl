cluster "a" "b" {
  compute "${var.x}" {
  }
}
