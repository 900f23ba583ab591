variable "name" {
  description = "Name of the role and of its instance profile."
  type        = string
}

variable "bucket" {
  description = "Name of the one bucket that nodes may use."
  type        = string
}

variable "tags" {
  description = "Tags of the role and the instance profile."
  type        = map(string)
}
