output "instance_profile" {
  description = "Name of the instance profile, once its role may use the bucket."
  value       = aws_iam_instance_profile.this.name

  depends_on = [aws_iam_role_policy.bucket]
}
