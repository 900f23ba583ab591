module "bucket" {
  source = "./modules/bucket"

  bucket = var.bucket
  tags   = var.tags
}
