variable "region" {
  description = "Region of the base."
  type        = string
}

variable "aws_profile" {
  description = "Profile of the AWS command line tools; null: the standard chain of credentials."
  type        = string
  default     = null
}

variable "role_arn" {
  description = "Role to assume with those credentials; null: none."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the VPC."
  type        = string
}

variable "cidr" {
  description = "Address range of the VPC."
  type        = string
}

variable "bucket" {
  description = "Name of the bucket behind /permanent."
  type        = string
}

variable "role" {
  description = "Name of the nodes' role and instance profile."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
}
