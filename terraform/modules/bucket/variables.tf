variable "bucket" {
  description = "Name of the bucket behind /permanent."
  type        = string
}

variable "tags" {
  description = "Tags of the bucket."
  type        = map(string)
}

variable "old_versions_days" {
  description = "How many days an overwritten or deleted object can be brought back."
  type        = number
  default     = 90
}
