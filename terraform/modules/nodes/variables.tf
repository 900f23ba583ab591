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

variable "user_data" {
  description = "First boot script of every node, by name. It holds the node's SSH host key."
  type        = map(string)
  sensitive   = true
}

variable "instance_type" {
  description = "Instance type of every node."
  type        = string
}

variable "image_id" {
  description = "AMI of every node."
  type        = string
}

variable "subnet_id" {
  description = "Subnet of every node."
  type        = string
}

variable "security_group_id" {
  description = "Security group of every node."
  type        = string
}

variable "key_name" {
  description = "Key pair of the image's own user."
  type        = string
}

variable "instance_profile" {
  description = "Instance profile with the role that may use the bucket."
  type        = string
}

variable "placement_group" {
  description = "Whether the nodes stand close together (cluster placement group)."
  type        = bool
}

variable "root_gib" {
  description = "Size of every node's root disk in GiB."
  type        = number
  default     = 20
}

variable "share_gib" {
  description = "Size of the volume behind /share in GiB."
  type        = number
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
}
