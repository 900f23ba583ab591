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

  tags = local.tags
}
