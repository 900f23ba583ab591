cluster {
  head { type = "c5.xlarge" count = 2 }
  tags = { a = "x" b = "y" }
}
