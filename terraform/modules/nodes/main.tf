locals {
  name = "hpcctl-${var.cluster}-${var.cluster_id}"
  head = one([for name, node in var.nodes : name if node.role == "head"])

  groups  = { for name, node in var.nodes : name => var.groups[node.group] }
  devices = { for name, volume in var.volumes : volume.device => name }

  security_groups = { for name, node in var.nodes : name =>
    node.role == "head" ? concat(var.security_group_ids, var.head_security_group_ids) : var.security_group_ids
  }

  node_tags = { for name, node in var.nodes : name => merge(var.tags, {
    Name           = "${var.cluster}-${name}"
    "hpcctl:node"  = name
    "hpcctl:role"  = node.role
    "hpcctl:group" = node.group
  }) }
}

resource "aws_placement_group" "this" {
  count = anytrue([for group in local.groups : group.placement]) ? 1 : 0

  name     = local.name
  strategy = "cluster"

  tags = merge(var.tags, { Name = local.name })
}

# An instance cannot ask for such a network card itself.
resource "aws_launch_template" "efa" {
  # checkov:skip=CKV_AWS_88:the choice of the group, as for nodes without such a card; inwards only SSH is open
  for_each = { for name, node in var.nodes : name => node if local.groups[name].efa }

  name = "${local.name}-${each.key}"

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  network_interfaces {
    device_index                = 0
    interface_type              = "efa"
    subnet_id                   = var.subnet_id
    private_ip_address          = each.value.private_ip
    associate_public_ip_address = local.groups[each.key].public_address
    security_groups             = local.security_groups[each.key]
    delete_on_termination       = true
  }

  tags = local.node_tags[each.key]
}

resource "aws_instance" "this" {
  # checkov:skip=CKV_AWS_88:without a NAT gateway, which costs more than a small head, this is the way out; inwards only SSH is open
  # checkov:skip=CKV_AWS_126:detailed monitoring costs money for every node; the scheduler knows the load
  # checkov:skip=CKV_AWS_135:every current type is EBS optimised by itself, and the types that cannot be would be refused
  for_each = var.nodes

  ami                         = local.groups[each.key].image_id
  instance_type               = local.groups[each.key].instance_type
  subnet_id                   = local.groups[each.key].efa ? null : var.subnet_id
  private_ip                  = local.groups[each.key].efa ? null : each.value.private_ip
  associate_public_ip_address = local.groups[each.key].efa ? null : local.groups[each.key].public_address
  vpc_security_group_ids      = local.groups[each.key].efa ? null : local.security_groups[each.key]
  placement_group             = local.groups[each.key].placement ? one(aws_placement_group.this[*].name) : null
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
    volume_size           = local.groups[each.key].root_gib
    encrypted             = true
    delete_on_termination = true
  }

  # Volumes of the instance itself: attaching one afterwards costs a wait of 20 s.
  dynamic "ebs_block_device" {
    for_each = each.key == local.head ? var.volumes : {}

    content {
      device_name           = ebs_block_device.value.device
      volume_type           = ebs_block_device.value.type
      volume_size           = ebs_block_device.value.gib
      iops                  = ebs_block_device.value.iops
      throughput            = ebs_block_device.value.throughput
      snapshot_id           = ebs_block_device.value.snapshot
      encrypted             = true
      delete_on_termination = !ebs_block_device.value.keep
    }
  }

  dynamic "instance_market_options" {
    for_each = local.groups[each.key].spot ? [local.groups[each.key].spot_max_usd] : []

    content {
      market_type = "spot"

      spot_options {
        spot_instance_type             = "one-time"
        instance_interruption_behavior = "terminate"
        max_price                      = instance_market_options.value
      }
    }
  }

  dynamic "cpu_options" {
    for_each = local.groups[each.key].threads_per_core == null ? [] : [local.groups[each.key]]

    content {
      core_count       = cpu_options.value.core_count
      threads_per_core = cpu_options.value.threads_per_core
    }
  }

  dynamic "launch_template" {
    for_each = local.groups[each.key].efa ? [aws_launch_template.efa[each.key].id] : []

    content {
      id      = launch_template.value
      version = "$Latest"
    }
  }

  tags = local.node_tags[each.key]

  # At the launch: who may not make volumes without the cluster's tags may not launch it otherwise.
  volume_tags = local.node_tags[each.key]

  lifecycle {
    # Most of these would replace the node. A newer image is no reason to lose one, and a stopped node has
    # no public address. After an import the provider knows the volumes' tags by another name (those of the root
    # device), and would take them off.
    ignore_changes = [
      ami,
      associate_public_ip_address,
      cpu_options,
      ebs_block_device,
      instance_market_options,
      launch_template,
      placement_group,
      root_block_device,
      user_data,
      user_data_replace_on_change,
      volume_tags,
    ]
  }
}

resource "aws_volume_attachment" "this" {
  for_each = var.attached

  device_name = each.value.device
  volume_id   = each.value.volume_id
  instance_id = aws_instance.this[local.head].id

  # It leaves the head when that ends, and nothing waits for it.
  skip_destroy = true

  lifecycle {
    # An import does not know of it.
    ignore_changes = [skip_destroy]
  }
}
