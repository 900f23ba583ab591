locals {
  name = "hpcctl-${var.cluster}-${var.cluster_id}"
  tags = merge(var.tags, { Name = local.name })
}

resource "aws_key_pair" "this" {
  key_name   = local.name
  public_key = var.public_key

  tags = local.tags

  lifecycle {
    # An import does not read it, so that it would look like another key, and the pair would be replaced.
    ignore_changes = [public_key]
  }
}

# The rules are part of the group, so that it is never in use half made.
resource "aws_security_group" "this" {
  # checkov:skip=CKV_AWS_382:nodes fetch packages, sources and data from anywhere, and the API of AWS has no fixed addresses
  # checkov:skip=CKV2_AWS_5:it is attached to the nodes, in the module beside this one
  name        = local.name
  description = "hpcctl cluster ${var.cluster}"
  vpc_id      = var.vpc_id

  ingress {
    description = "SSH from the user"
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = var.ssh_from
  }

  ingress {
    description = "Everything between the nodes"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    self        = true
  }

  egress {
    description = "Everything outwards"
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }

  # An EFA does not go by addresses: what it may send to is a group.
  dynamic "egress" {
    for_each = var.efa ? ["Everything between the nodes"] : []

    content {
      description = egress.value
      protocol    = "-1"
      from_port   = 0
      to_port     = 0
      self        = true
    }
  }

  tags = local.tags
}

# What else comes in to the head. What goes out is for the other group to say.
resource "aws_security_group" "head" {
  # checkov:skip=CKV2_AWS_5:it is attached to the head, in the module beside this one
  count = length(var.rules) > 0 ? 1 : 0

  name        = "${local.name}-head"
  description = "hpcctl cluster ${var.cluster}, its head"
  vpc_id      = var.vpc_id

  dynamic "ingress" {
    for_each = var.rules

    content {
      description = ingress.value.description
      protocol    = ingress.value.protocol
      from_port   = ingress.value.from_port
      to_port     = ingress.value.to_port
      cidr_blocks = ingress.value.cidrs
    }
  }

  tags = merge(local.tags, { Name = "${local.name}-head", "hpcctl:role" = "head" })
}
