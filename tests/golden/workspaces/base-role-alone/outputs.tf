output "base" {
  description = "What clusters of this account and region share."
  value = {
    instance_profile = module.node_role.instance_profile
  }
}
