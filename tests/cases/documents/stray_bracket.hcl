cluster {
  zones = ["eu-central-1a"]]
  head { type = "c5.xlarge" }
}
