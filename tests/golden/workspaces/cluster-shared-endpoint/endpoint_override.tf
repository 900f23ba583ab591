# This folder belongs to the API at http://127.0.0.1:4599, not to AWS itself.
provider "aws" {
  access_key = "sandbox"
  secret_key = "sandbox"

  # That API takes any credentials; what it refuses for half a minute it will go on refusing.
  max_retries                 = 6
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {
    ec2 = "http://127.0.0.1:4599"
    iam = "http://127.0.0.1:4599"
    s3  = "http://127.0.0.1:4599"
    ssm = "http://127.0.0.1:4599"
    sts = "http://127.0.0.1:4599"
  }
}
