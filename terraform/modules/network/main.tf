data "aws_availability_zones" "this" {
  # checkov:skip=CKV_AWS_394:a new zone is welcome: it gets a subnet of its own and moves no other, see locals
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required", "opted-in"]
  }

  filter {
    name   = "zone-type"
    values = ["availability-zone"]
  }
}

locals {
  # A zone's letter is its place in the VPC: a zone that joins the region later moves no other zone's subnet.
  zones = { for zone in data.aws_availability_zones.this.names :
    zone => index(split("", "abcdefghijklmnop"), substr(zone, -1, 1))
  }
}

resource "aws_vpc" "this" {
  # checkov:skip=CKV2_AWS_11:flow logs cost money by the gigabyte, and MPI talks a lot; who needs them adds them to the VPC
  cidr_block = var.cidr

  tags = merge(var.tags, var.vpc_tags, { Name = var.name })
}

# No node is in this group; without rules, nothing that is put into the VPC without a group of its own is reached.
# Without tags, too: to give it some would need the right to tag anybody's groups.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = var.name })
}

# The main route table serves every subnet: no table and no association of our own to wait for.
resource "aws_route" "internet" {
  route_table_id         = aws_vpc.this.main_route_table_id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

data "aws_vpc_endpoint_service" "s3" {
  service      = "s3"
  service_type = "Gateway"
}

# Nodes without a public address reach /permanent by it, all others faster; it costs nothing.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = data.aws_vpc_endpoint_service.s3.service_name
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_vpc.this.main_route_table_id]

  tags = merge(var.tags, { Name = "${var.name}-s3" })
}

# Nodes ask for their public address themselves: map_public_ip_on_launch would cost another wait of 10 s.
resource "aws_subnet" "this" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 4, each.value)

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  # Made last, so that a base is either found complete or not found.
  depends_on = [aws_route.internet, aws_default_security_group.this, var.after]
}
