cluster {
  description = <<END
first line
then %{ if x } this
END
}
