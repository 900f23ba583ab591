include = ["parts/nowhere.hcl", 5]

cluster "small" {
  extends = "parts/missing.hcl"
}
