# Translated from config, a configuration of StarCluster, by `hpcctl import-starcluster`.
#
#   hpcctl validate FILE                     is it right?
#   hpcctl create NAME --file FILE           --template LABEL chooses one of several
#
# What is different from StarCluster:
# - ssh is open to your own address alone, unless ssh_from says more.
# - firewall blocks open ports of the head; compute nodes are reached through it.
# - Homes are on /share, a volume that goes with the cluster; /permanent is a bucket that stays.
#
# Your AWS keys are not copied: hpcctl takes what the AWS command line takes (`aws configure`, `aws
# sso login`, environment variables, a profile).
#
# ENABLE_EXPERIMENTAL = True: what is experimental is said when it is used
#
# REFRESH_INTERVAL = 15: hpcctl asks every second or two by itself
#
# WEB_BROWSER = chromium: hpcctl spot-history draws in the terminal
#
# AWS_REGION_HOST = ec2.eu-west-1.amazonaws.com: a profile's endpoint_url names another endpoint
#
# AWS_PROXY = proxy.example.org: set HTTPS_PROXY in the environment
#
# AWS_PROXY_PASS = (a secret, left out): set HTTPS_PROXY in the environment
#
# [vtype scratch]: StarCluster has no such section (SIZE = 10)
#
# [key spare] is used by no template (KEY_LOCATION = ~/.ssh/spare.rsa)
#
# [volume unused] is used by no template (VOLUME_ID = vol-d7777777; MOUNT_PATH = /mydata)
#
# [plugin ipcluster] is used by no template (SETUP_CLASS = starcluster.plugins.ipcluster.IPCluster;
# NOTEBOOK_PASSWD = (a secret, left out))

cluster "smallcluster" {
  region = "eu-west-1"
  zone = "eu-west-1c"
  # made for StarCluster (before 2016, by its id: it is probably gone); today: image = "debian-12",
  # the newest Debian 12
  image = "ami-0330d16b"
  user = "ada"
  shell = "/bin/tcsh"
  key = "~/.ssh/here.rsa.pub"
  # DNS_PREFIX = True: ssh knows the nodes as NAME-node001 in any case
  ssh_from = ["18.0.0.0/8"]
  # USERDATA_SCRIPTS: there is no file /scripts/gone.sh

  head {
    # m1.small is of a previous generation, which many zones do not have; today's like: t3.small
    type = "m1.small"
    # made for StarCluster (before 2016, by its id: it is probably gone); today: image = "debian-12",
    # the newest Debian 12
    image = "ami-0330d16a"
    user_data = ["/scripts/there.sh"]
  }

  compute "node" {
    # m1.small is of a previous generation, which many zones do not have; today's like: t3.small
    type = "m1.small"
    count = 1
    spot_max_price = 0.5
    user_data = ["/scripts/there.sh"]
  }

  storage {
    share {
      # GiB; homes are here, not on the head's own disk
      size = 50
    }

    volume "myvoldata1" {
      id = "vol-c9999999"
      # was /home; homes are on /share, and begin empty: what is on the volume is found in /myvoldata1
      mount = "/myvoldata1"
    }

    volume "myvoldata2" {
      id = "vol-c8888888"
      # was /scratch; /scratch belongs to the system: what is on the volume is found in /myvoldata2
      mount = "/myvoldata2"
    }
  }

  firewall "www" {
    ports = "80"
    # open to the whole internet, as in StarCluster
    cidr = ["0.0.0.0/0"]
  }

  firewall "ftp" {
    ports = "21"
    cidr = ["66.249.90.104/32"]
  }

  firewall "myrange" {
    ports = "8000-9000"
    protocol = "udp"
    # open to the whole internet, as in StarCluster
    cidr = ["0.0.0.0/0"]
  }
}

cluster "mediumcluster" {
  # EXTENDS = smallcluster, and takes away from it: so everything is said here
  region = "eu-west-1"
  zone = "eu-west-1c"
  # made for StarCluster (before 2016, by its id: it is probably gone); today: image = "debian-12",
  # the newest Debian 12
  image = "ami-0330d16b"
  user = "ada"
  shell = "/bin/tcsh"
  # KEYNAME = mykeypair2: each cluster gets a key of its own. To log in with ~/.ssh/elsewhere.rsa as
  # well, make its public half, `ssh-keygen -y -f ~/.ssh/elsewhere.rsa > ~/.ssh/elsewhere.rsa.pub`,
  # and write: key = "~/.ssh/elsewhere.rsa.pub"
  # DNS_PREFIX = True: ssh knows the nodes as NAME-node001 in any case
  # plugin myplug1 (myplug1.SetupClass; MYPLUG1_ARG_ONE = 2): plugins of your own are for later; a
  # script of user_data runs as root at the first boot
  # plugin users (starcluster.plugins.users.CreateUsers; NUM_USERS = 30; DOWNLOAD_KEYS = True):
  # authorize = a file of public keys, one line a user: USER ssh-ed25519 AAAA…
  # plugin packages (starcluster.plugins.pkginstaller.PackageInstaller; PACKAGES = mongodb, python-
  # pymongo): a script of user_data can do: apt-get install -y mongodb python-pymongo
  # plugin sge (starcluster.plugins.sge.SGEPlugin; MASTER_IS_EXEC_HOST = False): Grid Engine is there
  # by itself: scheduler = "sge"
  ssh_from = ["18.0.0.0/8"]
  # USERDATA_SCRIPTS: there is no file /scripts/gone.sh

  head {
    # m1.small is of a previous generation, which many zones do not have; today's like: t3.small
    type = "m1.small"
    # made for StarCluster (before 2016, by its id: it is probably gone); today: image = "debian-12",
    # the newest Debian 12
    image = "ami-0330d16a"
    runs_jobs = false
    user_data = ["/scripts/there.sh"]
  }

  compute "node" {
    # c1.xlarge is of a previous generation, which many zones do not have; today's like: c6i.2xlarge
    type = "c1.xlarge"
    count = 7
    spot_max_price = 0.5
    user_data = ["/scripts/there.sh"]
  }

  storage {
    share {
      # GiB; homes are here, not on the head's own disk
      size = 50
    }

    volume "myvoldata1" {
      id = "vol-c9999999"
      # was /home; homes are on /share, and begin empty: what is on the volume is found in /myvoldata1
      mount = "/myvoldata1"
    }

    volume "myvoldata2" {
      id = "vol-c8888888"
      # was /scratch; /scratch belongs to the system: what is on the volume is found in /myvoldata2
      mount = "/myvoldata2"
    }
  }

  firewall "www" {
    ports = "80"
    # open to the whole internet, as in StarCluster
    cidr = ["0.0.0.0/0"]
  }

  firewall "ftp" {
    ports = "21"
    cidr = ["66.249.90.104/32"]
  }

  firewall "myrange" {
    ports = "8000-9000"
    protocol = "udp"
    # open to the whole internet, as in StarCluster
    cidr = ["0.0.0.0/0"]
  }
}

cluster "largecluster" {
  extends = "mediumcluster"

  compute "node" {
    count = 15
  }
}

cluster "mixed" {
  # EXTENDS = smallcluster, and takes away from it: so everything is said here
  region = "eu-west-1"
  zone = "eu-west-1c"
  # made for StarCluster (before 2016, by its id: it is probably gone); today: image = "debian-12",
  # the newest Debian 12
  image = "ami-0330d16b"
  user = "ada"
  shell = "/bin/tcsh"
  key = "~/.ssh/here.rsa.pub"
  scheduler = "none"
  # DNS_PREFIX = True: ssh knows the nodes as NAME-node001 in any case
  # DISABLE_CLOUDINIT = True: images need cloud-init, or to run user data as it does
  # [permission backwards] tcp 80-20 from 0.0.0.0/0: '80-20' is not a port, nor a range of ports;
  # expected a port from 1 to 65535, or two with a hyphen, such as "8000-8100"
  # PERMISSIONS names nobody, and there is no [permission nobody]
  # USERDATA_SCRIPTS: there is no file /scripts/gone.sh

  head {
    # m1.small is of a previous generation, which many zones do not have; today's like: t3.small
    type = "m1.small"
    # made for StarCluster (before 2016, by its id: it is probably gone); today: image = "debian-12",
    # the newest Debian 12
    image = "ami-0330d16a"
    spot_max_price = 0.5
    user_data = ["/scripts/there.sh"]
  }

  compute "node" {
    # m1.small is of a previous generation, which many zones do not have; today's like: t3.small
    type = "m1.small"
    count = 6
    spot_max_price = 0.5
    user_data = ["/scripts/there.sh"]
  }

  compute "nodeb" {
    # c3.large is of a previous generation, which many zones do not have; today's like: c6i.large
    type = "c3.large"
    count = 1
    # made for StarCluster (before 2016, by its id: it is probably gone); today: image = "debian-12",
    # the newest Debian 12
    image = "ami-12345679"
    spot_max_price = 0.5
    user_data = ["/scripts/there.sh"]
  }

  compute "nodec" {
    # m1.large is of a previous generation, which many zones do not have; today's like: m6i.large
    type = "m1.large"
    count = 3
    # made for StarCluster (before 2016, by its id: it is probably gone); today: image = "debian-12",
    # the newest Debian 12
    image = "ami-12345678"
    spot_max_price = 0.5
    user_data = ["/scripts/there.sh"]
  }

  compute "noded" {
    # AWS has no cc2.8xlarge any more; today's like: c6i.8xlarge
    type = "cc2.8xlarge"
    count = 2
    spot_max_price = 0.5
    user_data = ["/scripts/there.sh"]
  }

  storage {
    share {
      # GiB; homes are here, not on the head's own disk
      size = 50
    }
    # [volume myvoldata2-alternate] vol-c8888888 at /scratch2, PARTITION 2: hpcctl mounts whole
    # volumes, and leaves this one alone; copy that partition to a volume of its own

    # DEVICE = /dev/sdj: hpcctl chooses the devices' names
    volume "ocean" {
      id = "vol-0123456789abcdef0"
      mount = "/opt/ocean"
    }
    # [volume short] vol-c99999 at /short: 'vol-c99999' is not the id of a volume; expected an id such
    # as vol-0123456789abcdef0
    # short-again is vol-0123456789abcdef0 as well, which is mounted once, as ocean
  }

  firewall "ping" {
    protocol = "icmp"
    # open to the whole internet, as in StarCluster
    cidr = ["0.0.0.0/0"]
  }
}

cluster "private" {
  region = "eu-west-1"
  # made for StarCluster (before 2016, by its id: it is probably gone); today: image = "debian-12",
  # the newest Debian 12
  image = "ami-99999999"
  # CLUSTER_USER = sgeadmin: that is Grid Engine's own user here; the login user is called hpc
  # KEYNAME = nokey: there is no [key nokey] with a KEY_LOCATION
  # COLOUR = blue: StarCluster has no such setting

  head {
    type = "t2.micro"
    public_address = false
  }
  # CLUSTER_SIZE = many: a number of nodes is needed here

  storage {
    share {
      # GiB; homes are here, not on the head's own disk
      size = 50
    }
  }

  network {
    subnet = "subnet-99999999"
  }
}

# DEFAULT_TEMPLATE
cluster "default" {
  extends = "smallcluster"
}
