variable "cluster" {
  description = "Name of the cluster."
  type        = string
}

variable "cluster_id" {
  description = "What tells this cluster from others of its name: part of every name that an account has once."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the security group."
  type        = string
}

variable "ssh_from" {
  description = "Address ranges from which people may log in."
  type        = list(string)

  validation {
    condition     = length(var.ssh_from) > 0 && alltrue([for range in var.ssh_from : can(cidrhost(range, 0))])
    error_message = "Each entry must be an address range such as 192.0.2.7/32."
  }
}

variable "public_key" {
  description = "The user's public key in OpenSSH format."
  type        = string
}

variable "rules" {
  description = "What else may come in to the head."
  type = list(object({
    protocol    = string
    from_port   = number
    to_port     = number
    cidrs       = list(string)
    description = string
  }))
  default = []

  validation {
    condition     = alltrue([for range in flatten(var.rules[*].cidrs) : can(cidrhost(range, 0))])
    error_message = "Each entry of cidrs must be an address range such as 192.0.2.0/24."
  }
}

variable "efa" {
  description = "Whether nodes have an Elastic Fabric Adapter."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
}
