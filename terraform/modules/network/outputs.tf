output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "subnets" {
  description = "Id and address range of the subnet of every availability zone."
  value       = { for zone, subnet in aws_subnet.this : zone => { id = subnet.id, cidr = subnet.cidr_block } }
}
