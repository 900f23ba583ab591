# A plain root, as anybody might write one: every kind of resource that a cluster is made of.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60"
    }
  }
}

variable "endpoint" {
  type = string
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "sandbox"
  secret_key                  = "sandbox"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true

  endpoints {
    ec2 = var.endpoint
    iam = var.endpoint
    s3  = var.endpoint
    ssm = var.endpoint
    sts = var.endpoint
  }

  default_tags {
    tags = { "hpcctl:cluster" = "plain" }
  }
}

data "aws_ssm_parameter" "image" {
  name = "/aws/service/debian/release/12/latest/amd64"
}

data "aws_ami" "debian" {
  owners      = ["136693071363"]
  most_recent = true

  filter {
    name   = "name"
    values = ["debian-12-amd64-*"]
  }
}

resource "aws_vpc" "this" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_subnet" "this" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.20.1.0/24"
  availability_zone = "us-east-1b"
}

resource "aws_security_group" "this" {
  name   = "plain"
  vpc_id = aws_vpc.this.id

  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["127.0.0.0/8"]
  }
}

resource "aws_placement_group" "this" {
  name     = "plain"
  strategy = "cluster"
}

resource "aws_key_pair" "this" {
  key_name   = "plain"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1pEVoEBqzBGZ6pMWPUVjDf0fmbfX2TaTjAp1AW1m7M plain"
}

resource "aws_iam_role" "this" {
  name = "plain"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Action    = "sts:AssumeRole"
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_instance_profile" "this" {
  name = "plain"
  role = aws_iam_role.this.name
}

resource "aws_s3_bucket" "this" {
  bucket = "hpcctl-plain"
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["${aws_s3_bucket.this.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_instance" "this" {
  ami                         = data.aws_ssm_parameter.image.value
  instance_type               = "c5.xlarge"
  subnet_id                   = aws_subnet.this.id
  private_ip                  = "10.20.1.10"
  vpc_security_group_ids      = [aws_security_group.this.id]
  associate_public_ip_address = true
  key_name                    = aws_key_pair.this.key_name
  placement_group             = aws_placement_group.this.name
  iam_instance_profile        = aws_iam_instance_profile.this.name
  user_data                   = "#!/bin/sh\necho hello\n"

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    encrypted   = true
  }

  ebs_block_device {
    device_name           = "/dev/sdf"
    volume_size           = 4
    volume_type           = "gp3"
    encrypted             = true
    delete_on_termination = true
  }

  tags        = { Name = "plain" }
  volume_tags = { "hpcctl:node" = "head" }
}

resource "aws_instance" "other" {
  ami           = data.aws_ami.debian.id
  instance_type = "c5.large"
  subnet_id     = aws_subnet.this.id
}

resource "aws_instance" "spot" {
  ami           = data.aws_ami.debian.id
  instance_type = "c5.large"
  subnet_id     = aws_subnet.this.id

  instance_market_options {
    market_type = "spot"

    spot_options {
      max_price                      = "0.085"
      spot_instance_type             = "one-time"
      instance_interruption_behavior = "terminate"
    }
  }
}

resource "aws_ebs_volume" "spare" {
  availability_zone = aws_subnet.this.availability_zone
  size              = 1
  type              = "gp3"
}

resource "aws_volume_attachment" "spare" {
  device_name = "/dev/sdg"
  volume_id   = aws_ebs_volume.spare.id
  instance_id = aws_instance.other.id
}

resource "aws_eip" "this" {
  domain   = "vpc"
  instance = aws_instance.other.id
}

output "same_image" {
  value = data.aws_ami.debian.id == nonsensitive(data.aws_ssm_parameter.image.value)
}

output "instance" {
  value = aws_instance.this.id
}

output "spot" {
  value = aws_instance.spot.id
}

output "address" {
  value = aws_eip.this.public_ip
}
