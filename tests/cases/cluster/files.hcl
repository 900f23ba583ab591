cluster {
  key       = "files/private"
  authorize = "files/nobody.keys"
  head {
    type      = "c5.xlarge"
    user_data = ["files/tune.sh", "files/plain.sh", "files/none.sh"]
  }
  storage {
    share { size = 50 }
  }
}
