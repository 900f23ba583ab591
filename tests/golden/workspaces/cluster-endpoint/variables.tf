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
  description = "Instance profile of the base."
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

variable "image_id" {
  description = "AMI of the nodes."
  type        = string
}

variable "instance_type" {
  description = "Instance type of the nodes."
  type        = string
}

variable "placement_group" {
  description = "Whether the nodes stand in a cluster placement group."
  type        = bool
}

variable "share_gib" {
  description = "Size of the volume behind /share in GiB."
  type        = number
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
