# with: name=wing nodes=5 instance_type=c5.2xlarge share_gib=200 zone=us-east-1b user=alice min_nodes=4
cluster {
  zones = ["us-east-1a", "us-east-1c"]
  head {
    type      = "c5.xlarge"
    runs_jobs = false
  }
  compute "gpu" {
    count = 2
    type  = "p3.2xlarge"
    spot  = true
  }
  storage {
    share { size = 50 }
  }
}
