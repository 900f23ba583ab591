cluster {
  region       = "us-east"
  zone         = 1
  image        = "debian-11"
  user         = "root"
  shell        = "bash"
  ssh_from     = ["203.0.113.0/24", "2001:db8::/32", "everyone"]
  scheduler    = "slurm"
  lifetime     = "12 hours"
  min_nodes    = "2"
  boot_seconds = 10
  tags         = { project = 5, "aws:x" = "y", team = "a;b" }
  head {
    type            = "c5xlarge"
    root_size       = 7.5
    spot            = "yes"
    cpus_per_slot   = 0
    hyper_threading = 1
    spot_max_price  = -0.1
    user_data       = [1]
  }
  compute "gpu1" {
    count = 1000
  }
  compute "head" {
    count = [1, 2]
  }
  storage {
    share {
      size        = "50"
      type        = "gp4"
      file_system = "zfs"
      snapshot    = "vol-0123456789abcdef0"
      keep        = null
    }
    volume "Data" {
      mount = "data"
      id    = "vol-1"
    }
    permanent {
      bucket = "My_Bucket"
    }
  }
  network {
    vpc              = "subnet-0123456789abcdef0"
    subnet           = "vpc"
    security_groups  = ["sg-0123456789abcdef0", "sg"]
    instance_profile = "arn:aws:iam::1:instance-profile/x"
  }
  firewall "a b" {
    ports       = 88888
    protocol    = "all"
    cidr        = "here"
    description = "ümlaut"
  }
}
