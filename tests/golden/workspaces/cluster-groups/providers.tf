provider "aws" {
  region  = var.region
  profile = var.aws_profile

  dynamic "assume_role" {
    for_each = var.role_arn == null ? [] : [var.role_arn]
    content {
      role_arn     = assume_role.value
      session_name = "hpcctl"
    }
  }

  # A zone without capacity answers as a server that fails does, and the provider asks again: with its usual 25 attempts
  # for most of an hour. Eight take one or two minutes, long enough for a hundred machines under AWS's limits.
  max_retries = 8

  # The head's host key, told by hpcctl once the head has it.
  ignore_tags {
    keys = ["hpcctl:host-key"]
  }
}
