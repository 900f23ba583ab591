# The bucket was there already: another machine, or an interrupted run, has made it.
import {
  to = module.bucket.aws_s3_bucket.this
  id = var.bucket
}

module "bucket" {
  source = "./modules/bucket"

  bucket = var.bucket
  tags   = var.tags
}
