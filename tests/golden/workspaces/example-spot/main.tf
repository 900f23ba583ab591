module "access" {
  source = "./modules/access"

  cluster    = var.cluster
  cluster_id = var.cluster_id
  vpc_id     = var.vpc_id
  ssh_from   = var.ssh_from
  public_key = var.public_key
  rules      = var.rules
  efa        = var.efa
  tags       = var.tags
}

module "nodes" {
  source = "./modules/nodes"

  cluster                 = var.cluster
  cluster_id              = var.cluster_id
  nodes                   = var.nodes
  groups                  = var.groups
  volumes                 = var.volumes
  attached                = var.attached
  user_data               = var.user_data
  subnet_id               = var.subnet_id
  security_group_ids      = concat([module.access.security_group_id], var.security_groups)
  head_security_group_ids = module.access.head_security_group_ids
  key_name                = module.access.key_name
  instance_profile        = var.instance_profile
  tags                    = var.tags
}
