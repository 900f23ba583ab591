# with: template=big set:project=wing
variable "project" {}

cluster "base" {
  region = "eu-central-1"
  tags   = { project = var.project, made = "by hand" }
  zone   = "eu-central-1a"
  head {
    type           = "m6i.large"
    spot_max_price = 0.1
  }
  storage {
    share { size = 50 }
  }
}

cluster "big" {
  extends = "base"
  zones   = ["eu-central-1b", "eu-central-1c"]
  tags    = { made = "by hpcctl" }
  head {
    root_size = 40
  }
  compute "cpu" {
    count = 4
  }
  compute "gpu" {
    count          = 2
    type           = "g5.xlarge"
    spot_max_price = 1
    image          = "ubuntu-22.04"
  }
}
