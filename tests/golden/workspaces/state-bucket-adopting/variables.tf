variable "region" {
  description = "Region of the bucket."
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

variable "bucket" {
  description = "Name of the bucket."
  type        = string
}

variable "tags" {
  description = "Tags of the bucket."
  type        = map(string)
}
