locals {
  name = "hpcctl-${var.cluster}-${var.cluster_id}"
  head = one([for name, node in var.nodes : name if node.role == "head"])

  node_tags = { for name, node in var.nodes : name => merge(var.tags, {
    Name          = "${var.cluster}-${name}"
    "hpcctl:node" = name
    "hpcctl:role" = node.role
  }) }
}

resource "aws_placement_group" "this" {
  count = var.placement_group ? 1 : 0

  name     = local.name
  strategy = "cluster"

  tags = merge(var.tags, { Name = local.name })
}

resource "aws_instance" "this" {
  # checkov:skip=CKV_AWS_88:without a NAT gateway, which costs more than a small head, this is the way out; inwards only SSH is open
  # checkov:skip=CKV_AWS_126:detailed monitoring costs money for every node; the scheduler knows the load
  # checkov:skip=CKV_AWS_135:every current type is EBS optimised by itself, and the types that cannot be would be refused
  for_each = var.nodes

  ami                         = var.image_id
  instance_type               = var.instance_type
  subnet_id                   = var.subnet_id
  private_ip                  = each.value.private_ip
  associate_public_ip_address = true
  vpc_security_group_ids      = [var.security_group_id]
  placement_group             = one(aws_placement_group.this[*].name)
  key_name                    = var.key_name
  iam_instance_profile        = var.instance_profile
  user_data                   = var.user_data[each.key]

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type           = "gp3"
    volume_size           = var.root_gib
    encrypted             = true
    delete_on_termination = true
  }

  # A volume of the instance itself: attaching one afterwards would cost a wait of 20 s.
  dynamic "ebs_block_device" {
    for_each = each.key == local.head ? [var.share_gib] : []

    content {
      device_name           = "/dev/sdf"
      volume_type           = "gp3"
      volume_size           = ebs_block_device.value
      encrypted             = true
      delete_on_termination = true
    }
  }

  tags        = local.node_tags[each.key]
  volume_tags = local.node_tags[each.key]

  lifecycle {
    # Most of these would replace the node. A newer image is no reason to lose one, and a stopped node has
    # no public address. After an import the provider knows the volumes' tags by another name (those of the root
    # device), and would take them off.
    ignore_changes = [
      ami,
      associate_public_ip_address,
      ebs_block_device,
      placement_group,
      root_block_device,
      user_data,
      user_data_replace_on_change,
      volume_tags,
    ]
  }
}
