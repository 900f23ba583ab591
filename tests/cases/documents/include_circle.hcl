include = ["parts/circle.hcl"]

cluster {
}
