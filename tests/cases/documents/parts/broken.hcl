cluster "base" {
  region = "x
}
