cluster {
  min_nodes = 4
  head {
    type      = "c5.xlarge"
    runs_jobs = false
  }
  storage {
    share { size = 50 }
  }
}
