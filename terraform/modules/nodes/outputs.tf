output "inventory" {
  description = "The hosts and the volume behind /share."
  value = {
    hosts = [for name, instance in aws_instance.this : {
      name        = name
      role        = var.nodes[name].role
      instance_id = instance.id
      private_ip  = instance.private_ip
      public_ip   = instance.public_ip
    }]
    share_volume_id = one(aws_instance.this[local.head].ebs_block_device[*].volume_id)
  }
}
