"""What a cluster file may say, as data: the validator, the builder and the reference read the same records."""
