cluster {
  lifetime = 12h
  ssh_from = [203.0.113.0/24]
  storage {
    share { size = 0x20 }
  }
}
