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

run "rules_are_for_the_head_alone" {
  variables {
    efa = true
    rules = [
      { protocol = "tcp", from_port = 8888, to_port = 8890, cidrs = ["203.0.113.0/24"], description = "notebooks" },
      { protocol = "icmp", from_port = -1, to_port = -1, cidrs = ["0.0.0.0/0"], description = "ping" },
    ]
  }

  assert {
    condition     = [for rule in aws_security_group.head[0].ingress : rule.cidr_blocks if rule.from_port == 8888] == [tolist(["203.0.113.0/24"])]
    error_message = "A rule must let in whom it names."
  }

  assert {
    condition     = length(aws_security_group.this.ingress) == 2 && length(aws_security_group.head[0].ingress) == 2
    error_message = "The group of all nodes must stay as it is."
  }

  assert {
    condition     = length([for rule in aws_security_group.this.egress : rule if coalesce(rule.self, false)]) == 1
    error_message = "An EFA must be allowed to reach the group."
  }

  assert {
    condition     = length(output.head_security_group_ids) == 1 && aws_security_group.head[0].tags["hpcctl:role"] == "head"
    error_message = "The head's group must be told, and known by its tag."
  }
}

run "no_rules_no_group" {
  command = plan

  assert {
    condition     = length(output.head_security_group_ids) == 0 && length([for rule in aws_security_group.this.egress : rule if coalesce(rule.self, false)]) == 0
    error_message = "What nobody asked for is not made."
  }
}
