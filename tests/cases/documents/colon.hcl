cluster {
  region: "eu-central-1"
}
