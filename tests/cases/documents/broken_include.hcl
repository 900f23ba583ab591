include = ["parts/broken.hcl"]

cluster "small" {
  extends = "base"
  region  = eu-central-1
}
