cluster {
  head { type = "c5.xlarge" }
  storage {
    share { size = 50 }
  }
}
