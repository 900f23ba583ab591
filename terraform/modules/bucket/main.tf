# Outlives every cluster. force_destroy stays off: Terraform cannot remove a bucket that holds data.
resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18:a log of every access would need a second bucket and cost money; CloudTrail has it for who wants it
  # checkov:skip=CKV_AWS_144:a copy in a second region doubles the bill; the bucket keeps old versions of what is overwritten
  # checkov:skip=CKV_AWS_145:encrypted with S3's own keys; a KMS key costs money and a permission, and protects from nobody else
  # checkov:skip=CKV2_AWS_62:nothing listens to events of this bucket
  bucket        = var.bucket
  force_destroy = false

  # Without an end, every version of every file would be paid for for ever. The resource made for such rules,
  # aws_s3_bucket_lifecycle_configuration, waits for almost a minute, and with it everybody's first cluster.
  lifecycle_rule {
    id      = "old-versions"
    enabled = true

    abort_incomplete_multipart_upload_days = 7

    noncurrent_version_expiration {
      days = var.old_versions_days
    }
  }

  tags = merge(var.tags, { Name = var.bucket })
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyOverTLS"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # S3 refuses two changes of a bucket's access at the same time.
  depends_on = [aws_s3_bucket_public_access_block.this]
}
