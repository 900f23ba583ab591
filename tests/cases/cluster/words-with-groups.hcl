# with: name=lab-gpu001 nodes=4 zone=here
cluster {
  head { type = "c5.xlarge" }
  compute "cpu" { count = 1 }
  compute "gpu" { count = "x" }
  storage {
    share { size = 50 }
  }
}
