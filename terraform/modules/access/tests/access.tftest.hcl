mock_provider "aws" {}

variables {
  cluster    = "demo"
  cluster_id = "0a1b2c3d"
  vpc_id     = "vpc-1"
  ssh_from   = ["192.0.2.7/32"]
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGyYQL6o0p6sF7QdQY0r0VzYj0mYv1rV6e1pXf4E3n5V user"
  tags       = { "hpcctl:cluster" = "demo", "hpcctl:owner" = "ada" }
}

run "ssh_from_the_user_and_everything_inside" {
  assert {
    condition = alltrue([
      for rule in aws_security_group.this.ingress :
      coalesce(rule.self, false) || (rule.from_port == 22 && rule.to_port == 22 && rule.cidr_blocks == tolist(["192.0.2.7/32"]))
    ])
    error_message = "From outside the group only SSH from the user's address may come in."
  }

  assert {
    condition     = length([for rule in aws_security_group.this.ingress : rule if coalesce(rule.self, false) && rule.protocol == "-1"]) == 1
    error_message = "Inside the group everything must be open."
  }

  assert {
    condition     = aws_key_pair.this.tags["hpcctl:cluster"] == "demo" && aws_security_group.this.tags["hpcctl:owner"] == "ada"
    error_message = "Everything must be tagged."
  }
}

run "an_address_range_is_asked_for" {
  command = plan

  variables {
    ssh_from = ["everywhere"]
  }

  expect_failures = [var.ssh_from]
}
