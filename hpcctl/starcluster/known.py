"""What has to be known of StarCluster's days: its machines, its plugins, and the settings that have no counterpart."""

from __future__ import annotations

REGION = "us-east-1"
"""StarCluster's own default."""

SHELLS = {"bash": "/bin/bash", "zsh": "/bin/zsh", "csh": "/bin/csh", "ksh": "/bin/ksh", "tcsh": "/bin/tcsh"}

_TODAY = {
    "t1": {"micro": "t3.micro"},
    "m1": {"small": "t3.small", "medium": "t3.medium", "large": "m6i.large", "xlarge": "m6i.xlarge"},
    "c1": {"medium": "c6i.large", "xlarge": "c6i.2xlarge"},
    "m2": {"xlarge": "r6i.large", "2xlarge": "r6i.xlarge", "4xlarge": "r6i.2xlarge"},
    "m3": {"medium": "t3.medium", "large": "m6i.large", "xlarge": "m6i.xlarge", "2xlarge": "m6i.2xlarge"},
    "cc1": {"4xlarge": "c6i.4xlarge"},
    "cc2": {"8xlarge": "c6i.8xlarge"},
    "cg1": {"4xlarge": "g4dn.4xlarge"},
    "cr1": {"8xlarge": "r6i.8xlarge"},
    "g2": {"2xlarge": "g4dn.2xlarge", "8xlarge": "g4dn.12xlarge"},
    "hi1": {"4xlarge": "i4i.4xlarge"},
    "hs1": {"8xlarge": "d3.8xlarge"},
}
_SAME_SIZE = {"c3": "c6i", "r3": "r6i", "i2": "i4i", "d2": "d3"}
_RETIRED = ("cc1", "cc2", "cg1", "cr1", "g2", "hi1", "hs1")


def word_on_type(instance_type: str) -> str:
    """A comment on a type of the past, with one of today that is like it; "" for any other."""
    family, _, size = instance_type.partition(".")
    today = _TODAY.get(family, {}).get(size) or (
        f"{_SAME_SIZE[family]}.{size}" if family in _SAME_SIZE else ""
    )
    if not today:
        return ""
    if family in _RETIRED:
        return f"AWS has no {instance_type} any more; today's like: {today}"
    return f"{instance_type} is of a previous generation, which many zones do not have; today's like: {today}"


def word_on_image(image: str) -> str:
    """A comment on an AMI that StarCluster was told of."""
    old = " (before 2016, by its id: it is probably gone)" if len(image) <= len("ami-01234567") else ""
    return f'made for StarCluster{old}; today: image = "debian-12", the newest Debian 12'


PLUGINS = {
    "sge": 'Grid Engine is there by itself: scheduler = "sge"',
    "condor": "there is no HTCondor; a script of user_data can install it",
    "hadoop": "there is no Hadoop here; Amazon EMR is made for it",
    "ipcluster": "a script of user_data can install ipyparallel; reach a notebook by: ssh -L 8888:localhost:8888 NAME",
    "mpich2": "Open MPI is there; a script of user_data can install mpich",
    "mysql": "a script of user_data can install a database",
    "pkginstaller": "a script of user_data can do: apt-get install -y {packages}",
    "pypkginstaller": "a script of user_data can do: pip install {packages}",
    "tmux": "clush reaches all nodes at once, from the head",
    "users": "authorize = a file of public keys, one line a user: USER ssh-ed25519 AAAA…",
    "xvfb": "a script of user_data can install xvfb",
    "boto": "the nodes have a role of their own for /permanent; keys are never copied",
    "efs": 'efs "NAME" { id = "fs-…", mount = "/…" } in storage',
    "s3mount": "/permanent is a bucket on every node; permanent { bucket = … } in storage names your own",
}
OTHER_PLUGIN = "plugins of your own are for later; a script of user_data runs as root at the first boot"

SETTINGS = {
    "device": "hpcctl chooses the devices' names",
    "dns_prefix": "ssh knows the nodes as NAME-node001 in any case",
    "disable_cloudinit": "images need cloud-init, or to run user data as it does",
    "enable_experimental": "what is experimental is said when it is used",
    "refresh_interval": "hpcctl asks every second or two by itself",
    "web_browser": "hpcctl spot-history draws in the terminal",
    "aws_region_host": "a profile's endpoint_url names another endpoint",
    "aws_s3_host": "a profile's endpoint_url names another endpoint",
    "aws_ec2_path": "a profile's endpoint_url names another endpoint",
    "aws_s3_path": "a profile's endpoint_url names another endpoint",
    "aws_port": "a profile's endpoint_url names another endpoint",
    "aws_is_secure": "AWS is always spoken to by TLS",
    "aws_validate_certs": "certificates are always checked",
    "aws_proxy": "set HTTPS_PROXY in the environment",
    "aws_proxy_port": "set HTTPS_PROXY in the environment",
    "aws_proxy_user": "set HTTPS_PROXY in the environment",
    "aws_proxy_pass": "set HTTPS_PROXY in the environment",
}

CREDENTIALS = ("aws_access_key_id", "aws_secret_access_key", "aws_user_id", "ec2_cert", "ec2_private_key")


def word_on_plugin(setup_class: str) -> str:
    """What takes the place of a plugin."""
    parts = setup_class.lower().split(".")
    if parts[:2] == ["starcluster", "plugins"] and len(parts) > 2:
        return PLUGINS.get(parts[2], OTHER_PLUGIN)
    return OTHER_PLUGIN
