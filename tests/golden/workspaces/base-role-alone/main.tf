# So was the role.
import {
  to = module.node_role.aws_iam_role.this
  id = var.role
}

module "node_role" {
  source = "./modules/node_role"

  name   = var.role
  bucket = var.bucket
  tags   = var.tags
}

