variable "name" {
  description = "Name of the VPC and first part of the names of what is in it."
  type        = string
}

variable "cidr" {
  description = "Address range of the VPC, a /16: one /20 for every availability zone."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && endswith(var.cidr, "/16")
    error_message = "The address range must be a /16 such as 10.71.0.0/16."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
}

variable "vpc_tags" {
  description = "Further tags of the VPC alone: the names by which the other parts of the base are found again."
  type        = map(string)
  default     = {}
}

variable "after" {
  description = "What must exist before the subnets: a base that has a subnet is complete."
  type        = list(string)
  default     = []
}
