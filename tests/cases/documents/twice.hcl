cluster "a" {
  region = "eu-central-1"
  region = "eu-west-1"
  tags   = { one = "x", one = "y" }

  compute "node" {
    count = 2
  }
  compute "node" {
    count = 3
  }
}

cluster "a" {
}

cluster {
}
cluster {
}
