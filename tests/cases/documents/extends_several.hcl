cluster "small" {
  extends = "parts/several.hcl"
}
