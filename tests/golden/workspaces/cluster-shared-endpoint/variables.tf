variable "region" {
  description = "Region of the cluster."
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

variable "cluster_id" {
  description = "What tells this cluster from others of its name."
  type        = string
}

variable "cluster" {
  description = "Name of the cluster."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
}

variable "vpc_id" {
  description = "VPC of the base."
  type        = string
}

variable "subnet_id" {
  description = "Subnet of the base in the cluster's zone."
  type        = string
}

variable "instance_profile" {
  description = "Instance profile of the nodes; null: none."
  type        = string
}

variable "ssh_from" {
  description = "Address ranges from which people may log in."
  type        = list(string)
}

variable "public_key" {
  description = "The user's public key."
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
}

variable "efa" {
  description = "Whether nodes have an Elastic Fabric Adapter."
  type        = bool
  default     = false
}

variable "security_groups" {
  description = "Security groups that exist, for every node besides the cluster's own."
  type        = list(string)
  default     = []
}

variable "groups" {
  description = "What the nodes of each group are. No threads_per_core: as the type has them; no spot_max_usd: up to the on-demand price."
  type = map(object({
    instance_type    = string
    image_id         = string
    root_gib         = number
    public_address   = bool
    placement        = bool
    spot             = optional(bool, false)
    spot_max_usd     = optional(string)
    core_count       = optional(number)
    threads_per_core = optional(number)
    efa              = optional(bool, false)
  }))
}

variable "volumes" {
  description = "Volumes that are made with the head, by name. Those to keep are not deleted with it."
  type = map(object({
    device     = string
    gib        = number
    type       = string
    iops       = optional(number)
    throughput = optional(number)
    snapshot   = optional(string)
    keep       = optional(bool, false)
  }))
}

variable "attached" {
  description = "Volumes that exist and are attached to the head, by name."
  type = map(object({
    device    = string
    volume_id = string
  }))
  default = {}
}

variable "nodes" {
  description = "Role, group and private address of every node, by name."
  type = map(object({
    role       = string
    group      = string
    private_ip = string
  }))
}

variable "user_data" {
  description = "First boot script of every node, by name. It holds the node's SSH host key."
  type        = map(string)
  sensitive   = true
}
