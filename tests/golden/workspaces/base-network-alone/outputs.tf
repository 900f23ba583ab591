output "base" {
  description = "What clusters of this account and region share."
  value = {
    vpc_id           = module.network.vpc_id
    vpc_cidr         = var.cidr
    subnets          = module.network.subnets
  }
}
