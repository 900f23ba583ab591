cluster "small" {
  region = "eu-central-1
  image  = "debian-12"
}
