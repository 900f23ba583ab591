provider "aws" {
  region  = var.region
  profile = var.aws_profile

  # The head's host key, told by hpcctl once the head has it.
  ignore_tags {
    keys = ["hpcctl:host-key"]
  }
}
