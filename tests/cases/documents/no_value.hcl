cluster {
  region =
  image  = "debian-12"
}
