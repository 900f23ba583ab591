region = "eu-central-1"
clutser "a" {
}
