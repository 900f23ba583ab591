output "security_group_id" {
  description = "Id of the security group of all nodes."
  value       = aws_security_group.this.id
}

output "head_security_group_ids" {
  description = "The security group of the head alone, where there are rules for it."
  value       = aws_security_group.head[*].id
}

output "key_name" {
  description = "Name of the key pair."
  value       = aws_key_pair.this.key_name
}
