"""AWS as far as hpcctl, Terraform and the AWS CLI can tell: moto, and what it lacks."""
