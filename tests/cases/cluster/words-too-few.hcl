# with: nodes=1 user=alice
cluster {
  head { type = "c5.xlarge" }
  compute "cpu" { count = 1 }
  storage {
    share { size = 50 }
  }
}
