cluster "back" {
  extends = "../extends_circle_of_files.hcl"
}
