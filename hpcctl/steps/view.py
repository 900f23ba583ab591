"""What the steps may know of a cluster: nothing of clouds or Terraform, only hosts and names."""

from __future__ import annotations

from dataclasses import dataclass, field

from hpcctl.inventory import Host

DEFAULT_SHELL = "/bin/bash"


@dataclass(frozen=True, kw_only=True)
class HostKey:
    """A node's public SSH host key, ``ssh-ed25519 AAAA…``; ``former`` ones it may still show."""

    host: str
    public: str
    former: tuple[str, ...] = ()

    @property
    def accepted(self) -> tuple[str, ...]:
        """All that the node may show."""
        return (self.public, *self.former)


@dataclass(frozen=True, kw_only=True)
class NewHostKey:
    """A key pair that a node does not have yet. The private half never shows in a repr."""

    host: str
    public: str
    private: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ClusterKey:
    """The key pair with which the nodes reach each other. The private half never shows in a repr."""

    public: str
    private: str

    def __repr__(self) -> str:
        return f"ClusterKey(public={self.public!r}, private=***)"


@dataclass(frozen=True, kw_only=True)
class HostGroup:
    """Like nodes, by name; ``cpus_per_slot`` is how many processors one of the scheduler's slots stands for."""

    name: str
    hosts: tuple[str, ...]
    cpus_per_slot: int = 1
    runs_jobs: bool = True


@dataclass(frozen=True, kw_only=True)
class Disk:
    """An EBS volume of the head.

    ``device`` is the name that was asked for at its attachment, ``sdf``; ``file_system`` is what a blank one gets.
    ``shared``: all nodes mount it by NFS. ``grows``: its file system follows the size of the volume.
    """

    name: str
    volume_id: str
    mount: str
    device: str
    file_system: str = "ext4"
    shared: bool = True
    grows: bool = True


@dataclass(frozen=True, kw_only=True)
class EfsMount:
    """An EFS file system: ``address`` is the name or address of its mount target."""

    name: str
    address: str
    mount: str


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """When the nodes switch themselves off: at ``ends`` (seconds since 1970), which is ``seconds`` after the start."""

    ends: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who may log in, with all their public keys. The login user may be among them."""

    user: str
    keys: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClusterView:
    """One cluster as its nodes see it.

    ``disks`` begin with the one of /share; ``bucket`` is behind /permanent (None: there is no /permanent);
    ``network`` is the CIDR of the private network; ``s3_url`` is where S3 answers (None: AWS, by region);
    ``authorized_keys`` are the public keys that may log in; ``boot_seconds`` is what a first boot may take;
    ``scripts``: some nodes have scripts of their own for the first boot; ``accounts`` are people besides the login
    user.
    """

    name: str
    user: str
    hosts: tuple[Host, ...]
    host_keys: tuple[HostKey, ...]
    cluster_key: ClusterKey
    groups: tuple[HostGroup, ...]
    disks: tuple[Disk, ...]
    bucket: str | None
    region: str
    network: str
    s3_url: str | None
    authorized_keys: tuple[str, ...]
    new_host_keys: tuple[NewHostKey, ...] = ()
    boot_seconds: int = 900
    efs: tuple[EfsMount, ...] = ()
    shell: str = DEFAULT_SHELL
    lifetime: Lifetime | None = None
    scripts: bool = False
    accounts: tuple[Account, ...] = ()

    @property
    def share(self) -> Disk:
        """The volume of /share."""
        return self.disks[0]

    @property
    def workers(self) -> tuple[Host, ...]:
        """The hosts that run jobs."""
        idle = {name for group in self.groups if not group.runs_jobs for name in group.hosts}
        return tuple(host for host in self.hosts if host.name not in idle)

    @property
    def head(self) -> Host:
        """The head comes first."""
        return self.hosts[0]

    @property
    def compute(self) -> tuple[Host, ...]:
        """All hosts but the head."""
        return self.hosts[1:]
