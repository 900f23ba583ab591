output "inventory" {
  description = "The hosts, and the volumes of the head by name."
  value = {
    hosts = [for name, instance in aws_instance.this : {
      name        = name
      role        = var.nodes[name].role
      group       = var.nodes[name].group
      instance_id = instance.id
      private_ip  = instance.private_ip
      public_ip   = instance.public_ip
    }]

    # Not by the head's name: while strays are adopted, the head may not be there.
    volumes = concat(
      flatten([for name, instance in aws_instance.this :
        [for volume in instance.ebs_block_device :
          { name = local.devices[volume.device_name], volume_id = volume.volume_id }
          if contains(keys(local.devices), volume.device_name)
        ] if name == local.head
      ]),
      [for name, volume in var.attached : { name = name, volume_id = volume.volume_id }],
    )
  }
}
