cluster "small" {
  extends = "bsae"
}
cluster "base" {
}
