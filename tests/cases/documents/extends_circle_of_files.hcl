cluster {
  extends = "parts/back.hcl"
}
