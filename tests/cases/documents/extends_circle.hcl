cluster "small" {
  extends = "base"
}
cluster "base" {
  extends = "site"
}
cluster "site" {
  extends = "small"
}
