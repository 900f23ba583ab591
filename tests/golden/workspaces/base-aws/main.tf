module "bucket" {
  source = "./modules/bucket"

  bucket = var.bucket
  tags   = var.tags
}

module "node_role" {
  source = "./modules/node_role"

  name   = var.role
  bucket = module.bucket.bucket
  tags   = var.tags
}

module "network" {
  source = "./modules/network"

  name  = var.name
  cidr  = var.cidr
  tags  = var.tags
  after = [module.bucket.bucket, module.node_role.instance_profile]

  # By these the base is found again, on any machine.
  vpc_tags = {
    "hpcctl:bucket"           = var.bucket
    "hpcctl:instance-profile" = var.role
  }
}
