cluster "one" {
}
cluster "two" {
}
