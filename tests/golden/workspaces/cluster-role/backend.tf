# The state lies in a bucket that a team shares; the lock file beside it keeps two Terraforms apart.
terraform {
  required_version = ">= 1.10"

  backend "s3" {
    bucket       = "hpcctl-state-123456789012-eu-west-1"
    key          = "clusters/demo/terraform.tfstate"
    region       = "eu-west-1"
    encrypt      = true
    use_lockfile = true

    assume_role = {
      role_arn     = "arn:aws:iam::123456789012:role/hpc"
      session_name = "hpcctl"
    }
  }
}
