variable "project" {
  description = "Goes on the bill."
}
variable "project" {
}
variable "size" {
  defualt = 3
}
variable {
  default = "x"
}
variable "many" {
  default = ["a"]
}

cluster {
  tags = { project = var.project, number = var.sise }
  user = "a${var.many}"
  key  = "${var.project}.pub"
}
