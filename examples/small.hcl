# A head and four compute nodes. Make it with: hpcctl create demo --file small.hcl
cluster {
  head {
    type = "c5.xlarge"
  }

  compute "node" {
    count = 4
    type  = "c5.xlarge"
  }

  storage {
    share {
      size = 50 # GiB on /share, where the homes are
    }
  }
}
