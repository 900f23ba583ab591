mock_provider "aws" {
  mock_resource "aws_instance" {
    defaults = { public_ip = "192.0.2.10" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0" }
  }
}

variables {
  cluster = "demo"

  cluster_id = "0a1b2c3d"
  nodes = {
    head    = { role = "head", group = "head", private_ip = "10.71.0.4" }
    node001 = { role = "compute", group = "node", private_ip = "10.71.0.5" }
  }
  groups = {
    head = { instance_type = "c5.xlarge", image_id = "ami-1", root_gib = 20, public_address = true, placement = true }
    node = { instance_type = "c5.xlarge", image_id = "ami-1", root_gib = 20, public_address = true, placement = true }
  }
  volumes            = { share = { device = "/dev/sdf", gib = 50, type = "gp3" } }
  user_data          = { head = "#!/bin/sh\n", node001 = "#!/bin/sh\ntrue\n" }
  subnet_id          = "subnet-1"
  security_group_ids = ["sg-1"]
  key_name           = "hpcctl-demo"
  instance_profile   = "hpcctl-eu-west-1"
  tags               = { "hpcctl:cluster" = "demo", "hpcctl:owner" = "ada" }
}

run "one_instance_for_every_node" {
  assert {
    condition     = aws_instance.this["node001"].private_ip == "10.71.0.5"
    error_message = "Addresses must be the planned ones."
  }

  assert {
    condition = alltrue([
      for instance in aws_instance.this :
      instance.metadata_options[0].http_tokens == "required" && instance.metadata_options[0].http_put_response_hop_limit == 1
    ])
    error_message = "IMDSv2 must be required, and must not leave the instance."
  }

  assert {
    condition = alltrue([
      for instance in aws_instance.this :
      instance.root_block_device[0].encrypted && instance.root_block_device[0].volume_type == "gp3"
    ])
    error_message = "Root disks must be encrypted gp3."
  }

  assert {
    condition = alltrue([
      for name, instance in aws_instance.this :
      instance.tags["hpcctl:node"] == name && instance.tags["hpcctl:cluster"] == "demo" && instance.tags["hpcctl:owner"] == "ada"
      && instance.volume_tags["hpcctl:node"] == name && instance.tags["hpcctl:group"] == var.nodes[name].group
    ])
    error_message = "Instances and volumes must be tagged."
  }

  assert {
    condition     = length(aws_instance.this["node001"].ebs_block_device) == 0
    error_message = "Only the head has volumes."
  }

  assert {
    condition = (
      one(aws_instance.this["head"].ebs_block_device).volume_size == 50 &&
      one(aws_instance.this["head"].ebs_block_device).encrypted &&
      one(aws_instance.this["head"].ebs_block_device).delete_on_termination
    )
    error_message = "The volume of /share must have the size asked for, be encrypted, and go with the head."
  }

  assert {
    condition     = alltrue([for instance in aws_instance.this : instance.placement_group == "hpcctl-demo-0a1b2c3d"])
    error_message = "Nodes must stand in the placement group."
  }

  assert {
    condition     = length(aws_launch_template.efa) == 0 && length(aws_volume_attachment.this) == 0
    error_message = "What nobody asked for is not made."
  }

  assert {
    condition     = toset([for host in output.inventory.hosts : "${host.role} ${host.name}"]) == toset(["head head", "compute node001"])
    error_message = "The inventory must list every host with its role."
  }

  assert {
    condition     = output.inventory.volumes[*].name == ["share"]
    error_message = "The inventory must name the volumes."
  }
}

run "no_placement_group" {
  command = plan

  variables {
    groups = {
      head = { instance_type = "c5.xlarge", image_id = "ami-1", root_gib = 20, public_address = true, placement = false }
      node = { instance_type = "c5.xlarge", image_id = "ami-1", root_gib = 20, public_address = true, placement = false }
    }
  }

  assert {
    condition     = length(aws_placement_group.this) == 0
    error_message = "Types that cannot stand in a placement group must be left out of one."
  }
}

run "two_heads_are_refused" {
  command = plan

  variables {
    nodes = {
      head = { role = "head", group = "head", private_ip = "10.71.0.4" }
      tail = { role = "head", group = "head", private_ip = "10.71.0.5" }
    }
  }

  expect_failures = [var.nodes]
}
