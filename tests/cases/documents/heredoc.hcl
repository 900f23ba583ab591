cluster {
  description = <<-END
    text that never ends
  region = "x"
}
