output "bucket" {
  description = "Where the clusters of this account and region that a team shares are written down."
  value       = module.bucket.bucket
}
