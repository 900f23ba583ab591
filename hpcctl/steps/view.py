"""What the steps may know of a cluster: nothing of clouds or Terraform, only hosts and names."""

from __future__ import annotations

from dataclasses import dataclass, field

from hpcctl.inventory import Host


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
class ClusterView:
    """One cluster as its nodes see it.

    ``role`` is the nodes' role, which may use the bucket; ``network`` is the CIDR of the private network;
    ``s3_url`` is where S3 answers (None: AWS, by region); ``authorized_keys`` are the public keys that may log in;
    ``boot_seconds`` is what a first boot may take.
    """

    name: str
    user: str
    hosts: tuple[Host, ...]
    host_keys: tuple[HostKey, ...]
    cluster_key: ClusterKey
    share_volume_id: str
    bucket: str
    role: str
    region: str
    network: str
    s3_url: str | None
    authorized_keys: tuple[str, ...]
    new_host_keys: tuple[NewHostKey, ...] = ()
    boot_seconds: int = 900

    @property
    def head(self) -> Host:
        """The head comes first."""
        return self.hosts[0]

    @property
    def compute(self) -> tuple[Host, ...]:
        """All hosts but the head."""
        return self.hosts[1:]
