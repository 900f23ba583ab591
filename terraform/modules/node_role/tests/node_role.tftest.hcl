mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  name   = "hpcctl-eu-west-1"
  bucket = "hpcctl-test"
  tags   = { "hpcctl:base" = "1" }
}

run "only_this_bucket" {
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.bucket.policy).Statement :
      contains(["arn:aws:s3:::hpcctl-test", "arn:aws:s3:::hpcctl-test/*"], statement.Resource)
    ])
    error_message = "The role must be limited to the one bucket."
  }

  assert {
    condition = alltrue(flatten([
      for statement in jsondecode(aws_iam_role_policy.bucket.policy).Statement :
      [for action in statement.Action : startswith(action, "s3:") && !strcontains(action, "*")]
    ]))
    error_message = "The role must name its actions one by one."
  }

  assert {
    condition     = aws_iam_instance_profile.this.role == aws_iam_role.this.name
    error_message = "The instance profile must carry the role."
  }
}
