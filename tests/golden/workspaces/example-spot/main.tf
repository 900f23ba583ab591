module "access" {
  source = "./modules/access"

  cluster    = var.cluster
  cluster_id = var.cluster_id
  vpc_id     = var.vpc_id
  ssh_from   = var.ssh_from
  public_key = var.public_key
  tags       = var.tags
}

module "nodes" {
  source = "./modules/nodes"

  cluster           = var.cluster
  cluster_id        = var.cluster_id
  nodes             = var.nodes
  user_data         = var.user_data
  instance_type     = var.instance_type
  image_id          = var.image_id
  subnet_id         = var.subnet_id
  security_group_id = module.access.security_group_id
  key_name          = module.access.key_name
  instance_profile  = var.instance_profile
  placement_group   = var.placement_group
  share_gib         = var.share_gib
  tags              = var.tags
}
