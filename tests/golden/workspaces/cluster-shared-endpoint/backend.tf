# The state lies in a bucket that a team shares; the lock file beside it keeps two Terraforms apart.
terraform {
  required_version = ">= 1.10"

  backend "s3" {
    bucket       = "hpcctl-state-123456789012-us-east-1"
    key          = "clusters/demo/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true

    # That API takes any credentials, and belongs to no account of AWS.
    access_key                  = "sandbox"
    secret_key                  = "sandbox"
    use_path_style              = true
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true

    endpoints = {
      s3  = "http://127.0.0.1:4599"
      sts = "http://127.0.0.1:4599"
    }
  }
}
