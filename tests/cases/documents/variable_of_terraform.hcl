variable "nodes" {
  type      = number
  default   = 3
  sensitive = true
}
variable "zones" {
  type = list(string)
  validation {
    condition = length(var.zones) > 0
  }
}

cluster {
}
