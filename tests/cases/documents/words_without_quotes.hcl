cluster {
  region = eu-central-1
  head {
    type      = c5.xlarge
    runs_jobs = True
  }
}
