cluster {
  zones = ["eu-central-1a", "eu-central-1b"
  head { type = "c5.xlarge" }
}
