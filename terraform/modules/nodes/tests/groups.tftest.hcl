mock_provider "aws" {
  mock_resource "aws_instance" {
    defaults = { public_ip = "192.0.2.10" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0" }
  }
}

variables {
  cluster    = "demo"
  cluster_id = "0a1b2c3d"
  nodes = {
    head    = { role = "head", group = "head", private_ip = "10.71.0.4" }
    node001 = { role = "compute", group = "node", private_ip = "10.71.0.5" }
    gpu001  = { role = "compute", group = "gpu", private_ip = "10.71.0.6" }
    gpu002  = { role = "compute", group = "gpu", private_ip = "10.71.0.7" }
  }
  groups = {
    head = { instance_type = "c5.large", image_id = "ami-1", root_gib = 20, public_address = true, placement = false }
    node = {
      instance_type = "c5n.18xlarge", image_id = "ami-1", root_gib = 20, public_address = true, placement = true
      efa           = true, core_count = 36, threads_per_core = 1
    }
    gpu = {
      instance_type = "p3.2xlarge", image_id = "ami-2", root_gib = 100, public_address = false, placement = false
      spot          = true, spot_max_usd = "0.5"
    }
  }
  volumes = {
    share = { device = "/dev/sdf", gib = 50, type = "gp3", iops = 6000, throughput = 250, snapshot = "snap-1" }
    work  = { device = "/dev/sdg", gib = 500, type = "st1", keep = true }
  }
  attached                = { data = { device = "/dev/sdh", volume_id = "vol-1" } }
  user_data               = { head = "#!/bin/sh\n", node001 = "#!/bin/sh\n", gpu001 = "#!/bin/sh\n", gpu002 = "#!/bin/sh\n" }
  head_security_group_ids = ["sg-2"]
  subnet_id               = "subnet-1"
  security_group_ids      = ["sg-1"]
  key_name                = "hpcctl-demo"
  instance_profile        = "hpcctl-eu-west-1"
  tags                    = { "hpcctl:cluster" = "demo", "hpcctl:owner" = "ada" }
}

run "groups_differ" {
  assert {
    condition = (
      aws_instance.this["gpu001"].instance_type == "p3.2xlarge" && aws_instance.this["gpu001"].ami == "ami-2" &&
      aws_instance.this["gpu001"].root_block_device[0].volume_size == 100 &&
      !aws_instance.this["gpu001"].associate_public_ip_address
    )
    error_message = "A node must be as its group says."
  }

  assert {
    condition = (
      aws_instance.this["gpu002"].instance_market_options[0].market_type == "spot" &&
      aws_instance.this["gpu002"].instance_market_options[0].spot_options[0].max_price == "0.5" &&
      aws_instance.this["gpu002"].instance_market_options[0].spot_options[0].spot_instance_type == "one-time"
    )
    error_message = "Spot nodes must be asked for once, with their limit."
  }

  assert {
    condition = (
      aws_instance.this["node001"].cpu_options[0].core_count == 36 && aws_instance.this["node001"].cpu_options[0].threads_per_core == 1
    )
    error_message = "Without hyper-threading a core has one thread."
  }

  assert {
    condition = (
      keys(aws_launch_template.efa) == ["node001"] &&
      aws_launch_template.efa["node001"].network_interfaces[0].interface_type == "efa" &&
      aws_launch_template.efa["node001"].network_interfaces[0].private_ip_address == "10.71.0.5" &&
      aws_launch_template.efa["node001"].network_interfaces[0].security_groups == toset(["sg-1"])
    )
    error_message = "An EFA must have the node's address, and the cluster's group."
  }

  assert {
    condition     = length(aws_instance.this["node001"].launch_template) == 1 && length(aws_instance.this["gpu001"].launch_template) == 0
    error_message = "Only nodes with an EFA come from a template."
  }

  assert {
    condition = (
      aws_instance.this["head"].vpc_security_group_ids == toset(["sg-1", "sg-2"]) &&
      aws_instance.this["gpu001"].vpc_security_group_ids == toset(["sg-1"])
    )
    error_message = "The head's own group is for the head alone."
  }

  assert {
    condition     = aws_instance.this["node001"].placement_group == "hpcctl-demo-0a1b2c3d" && length(aws_placement_group.this) == 1
    error_message = "Nodes of a group with placement must stand in the placement group."
  }

  assert {
    condition = { for volume in aws_instance.this["head"].ebs_block_device : volume.device_name => volume.delete_on_termination } == {
      "/dev/sdf" = true, "/dev/sdg" = false
    }
    error_message = "A volume to keep must not go with the head."
  }

  assert {
    condition = [
      for volume in aws_instance.this["head"].ebs_block_device : [volume.iops, volume.throughput, volume.snapshot_id]
      if volume.device_name == "/dev/sdf"
    ] == [[6000, 250, "snap-1"]]
    error_message = "A volume must be made as asked for."
  }

  assert {
    condition     = aws_volume_attachment.this["data"].device_name == "/dev/sdh" && aws_volume_attachment.this["data"].skip_destroy
    error_message = "A volume that exists must be attached, and nobody waits for its end."
  }

  assert {
    condition     = toset(output.inventory.volumes[*].name) == toset(["share", "work", "data"])
    error_message = "The inventory must name all volumes."
  }
}
