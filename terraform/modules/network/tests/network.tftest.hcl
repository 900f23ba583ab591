mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1c", "eu-west-1a"] }
  }
}

variables {
  name     = "hpcctl"
  cidr     = "10.71.0.0/16"
  tags     = { "hpcctl:base" = "1" }
  vpc_tags = { "hpcctl:bucket" = "b" }
  after    = ["bucket", "role"]
}

run "one_subnet_for_every_zone" {
  assert {
    condition     = toset(keys(aws_subnet.this)) == toset(["eu-west-1a", "eu-west-1c"])
    error_message = "Every available zone must have one subnet."
  }

  assert {
    condition     = aws_subnet.this["eu-west-1c"].cidr_block == "10.71.32.0/20"
    error_message = "The place of a subnet must follow from the zone's letter, not from its place in the list."
  }

  assert {
    condition     = !coalesce(aws_subnet.this["eu-west-1a"].map_public_ip_on_launch, false)
    error_message = "Subnets must not hand out public addresses by themselves."
  }

  assert {
    condition     = aws_vpc.this.tags["hpcctl:bucket"] == "b" && aws_vpc.this.tags["hpcctl:base"] == "1"
    error_message = "The VPC must carry the tags by which the base is found."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.this : subnet.tags["hpcctl:base"] == "1"])
    error_message = "Subnets must carry the tags of the base."
  }
}

run "s3_without_a_public_address" {
  assert {
    condition     = aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway"
    error_message = "An endpoint of another kind costs money by the hour."
  }

  assert {
    condition     = aws_vpc_endpoint.s3.route_table_ids == toset([aws_vpc.this.main_route_table_id])
    error_message = "Every subnet must reach S3 by the endpoint."
  }
}

run "a_small_range_is_refused" {
  command = plan

  variables {
    cidr = "10.71.0.0/24"
  }

  expect_failures = [var.cidr]
}
