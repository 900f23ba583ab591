variable "cluster" {
  description = "Name of the cluster."
  type        = string
}

variable "cluster_id" {
  description = "What tells this cluster from others of its name: part of every name that an account has once."
  type        = string
}

variable "nodes" {
  description = "Role, group and private address of every node, by name."
  type = map(object({
    role       = string
    group      = string
    private_ip = string
  }))

  validation {
    condition     = alltrue([for node in var.nodes : contains(["head", "compute"], node.role)])
    error_message = "A node is either head or compute."
  }

  validation {
    condition     = length([for node in var.nodes : node if node.role == "head"]) == 1
    error_message = "A cluster has exactly one head."
  }
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

variable "user_data" {
  description = "First boot script, by the node's name. It holds the node's SSH host key."
  type        = map(string)
  sensitive   = true
}

variable "subnet_id" {
  description = "Subnet of every node."
  type        = string
}

variable "security_group_ids" {
  description = "Security groups of every node."
  type        = list(string)
}

variable "head_security_group_ids" {
  description = "Security groups of the head alone."
  type        = list(string)
  default     = []
}

variable "key_name" {
  description = "Key pair of the image's own user."
  type        = string
}

variable "instance_profile" {
  description = "Instance profile with the role that may use the bucket; null: none."
  type        = string
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
}
