"""From a request to the text of a Terraform folder: {relative path: text}. Nothing is written here.

A rendered root holds only ``terraform``, ``provider``, module calls and outputs. Values never go through a
template but to ``terraform.tfvars.json``, where nothing that a user wrote can become HCL.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from hpcctl.errors import RenderError
from hpcctl.firstboot import PackageProxy, package_proxy, packed_scripts
from hpcctl.keys import KeyPair
from hpcctl.packing import compressed, packed
from hpcctl.resources import data_folder
from hpcctl.spec.basenames import Part, base_bucket, base_role
from hpcctl.spec.model import LOGIN_UID, S3, Base, Cloud, ClusterSpec, Facts, Node, Role
from hpcctl.spec.shared import STATE, key, state_bucket
from hpcctl.spec.tags import cluster_tags
from hpcctl.templating import render_template
from hpcctl.values import attached_values, group_values, new_volume_values, rule_values

BASE_CIDR = "10.71.0.0/16"
"""The VPC of the base. Uncommon enough that a VPN or a peered network rarely has it too."""

USER_DATA_LIMIT = 16384
"""EC2's limit in bytes, before base64."""

BACKEND_FILE = "backend.tf"
OVERRIDE_FILE = "endpoint_override.tf"
PROFILE_FILE = ".aws_profile"
VALUES_FILE = "terraform.tfvars.json"
STATE_MODULES = ("bucket",)
BASE_MODULES = ("bucket", "network", "node_role")
CLUSTER_MODULES = ("access", "nodes")
_ROOT_FILES = ("main.tf", "outputs.tf", "providers.tf", "variables.tf", "versions.tf")
_MODULE_FILES = ("main.tf", "outputs.tf", "variables.tf", "versions.tf")


@dataclass(frozen=True, kw_only=True)
class BaseRequest:
    """What the base of one account and region is made from.

    What exists already outlived an earlier base, or an interrupted run, and is taken over instead of made.
    ``own_bucket``: a bucket of the user's, for which there is to be a role, and nothing else.
    """

    cloud: Cloud
    account: str
    parts: frozenset[Part] = frozenset(Part)
    own_bucket: str | None = None
    bucket_exists: bool = False
    role_exists: bool = False
    profile_exists: bool = False

    @property
    def bucket(self) -> str:
        """The bucket behind /permanent."""
        return self.own_bucket or base_bucket(self.account, self.cloud.region)

    @property
    def role(self) -> str:
        """The nodes' role, and its instance profile."""
        return base_role(self.cloud.region, self.own_bucket)


@dataclass(frozen=True, kw_only=True)
class PlannedNode:
    """A node before it exists: its address and its SSH host key are decided here, not found out later."""

    node: Node
    private_ip: str
    host_key: KeyPair


@dataclass(frozen=True, kw_only=True)
class ClusterRequest:
    """All that a cluster's Terraform folder is made from.

    ``login_key`` is hpcctl's own way in, beside the user's key of the spec; ``internal_key`` is for logins
    between nodes; ``cluster_id`` tells this cluster from all that ever had its name; ``created`` is ISO 8601.
    """

    spec: ClusterSpec
    cloud: Cloud
    facts: Facts
    base: Base
    nodes: tuple[PlannedNode, ...]
    login_key: str
    cluster_id: str
    created: str
    internal_key: str


def render_base(request: BaseRequest) -> dict[str, str]:
    """The Terraform folder of the base."""
    title = f"hpcctl base, account {request.account}, {request.cloud.region}"
    readme = render_template(
        "root/README.txt.j2",
        title=title,
        verb="hpcctl",
        base=True,
        bucket=request.bucket,
        secret=False,
        shared=False,
    )
    exists = {
        "bucket_exists": request.bucket_exists,
        "role_exists": request.role_exists,
        "profile_exists": request.profile_exists,
    }
    modules = tuple(module for module in BASE_MODULES if Part(module) in request.parts)
    made = {module: module in modules for module in BASE_MODULES}
    return {
        **_root("base", modules, request.cloud, **exists, **made),
        VALUES_FILE: _json(_base_values(request)),
        "README.txt": readme,
    }


def render_cluster(request: ClusterRequest) -> dict[str, str]:
    """The Terraform folder of one cluster. It holds secrets: the host keys in ``terraform.tfvars.json``."""
    name = request.spec.name
    readme = render_template(
        "root/README.txt.j2",
        title=f"hpcctl cluster {name}, {request.cloud.region}",
        verb=f"hpcctl terminate {name}",
        base=False,
        secret=True,
        shared=request.cloud.state == S3,
    )
    return {
        **_root("cluster", CLUSTER_MODULES, request.cloud),
        **render_backend(request.cloud, request.facts.account, name),
        VALUES_FILE: _json(_cluster_values(request)),
        "README.txt": readme,
    }


def cluster_text() -> dict[str, str]:
    """What is the same in the folder of every cluster, wherever it is and whatever its values are."""
    return _static("cluster", CLUSTER_MODULES)


def render_backend(cloud: Cloud, account: str, name: str) -> dict[str, str]:
    """Where a shared cluster's state lies; nothing for one of this machine alone.

    Which AWS profile is used is each machine's own business: it stands in a file that is not shared.
    """
    if cloud.state != S3:
        return {}
    backend = render_template(
        "root/backend.tf.j2",
        bucket=state_bucket(account, cloud.region),
        key=key(name, STATE),
        region=cloud.region,
        endpoint_url=cloud.endpoint_url,
        role_arn=cloud.role_arn,
    )
    own = {PROFILE_FILE: f"{cloud.aws_profile}\n"} if cloud.aws_profile else {}
    return {BACKEND_FILE: backend, **own}


def with_state(values: str, cloud: Cloud) -> str:
    """``terraform.tfvars.json`` of a cluster that was moved: a profile is named in one that is not shared only."""
    return _json({**json.loads(values), "aws_profile": _named_profile(cloud)})


def render_state_bucket(cloud: Cloud, account: str, *, bucket_exists: bool) -> dict[str, str]:
    """The Terraform folder of the bucket that shared clusters are written down in."""
    bucket = state_bucket(account, cloud.region)
    readme = render_template(
        "root/README.txt.j2",
        title=f"hpcctl's bucket for shared clusters, account {account}, {cloud.region}",
        verb="hpcctl",
        base=True,
        bucket=bucket,
        secret=False,
        shared=False,
    )
    values = {
        "region": cloud.region,
        "aws_profile": cloud.aws_profile,
        "role_arn": cloud.role_arn,
        "bucket": bucket,
        "tags": {"hpcctl:state": "1", "hpcctl:owner": cloud.owner},
    }
    return {
        **_root("state", STATE_MODULES, cloud, bucket_exists=bucket_exists),
        VALUES_FILE: _json(values),
        "README.txt": readme,
    }


def _named_profile(cloud: Cloud) -> str | None:
    return None if cloud.state == S3 else cloud.aws_profile


def render_user_data(request: ClusterRequest, planned: PlannedNode) -> str:
    """The first boot script of one node."""
    group = request.spec.group(planned.node.group)
    text = render_template(
        "node/user_data.sh.j2",
        name=planned.node.name,
        address=planned.private_ip,
        user=request.spec.user,
        uid=LOGIN_UID,
        host_key=planned.host_key,
        authorized_keys=[_one_line(key) for key in _authorized(request)],
        install=_packed_install_script(),
        shell=request.spec.shell,
        scripts=packed_scripts((script.name, script.text) for script in group.scripts),
        **_packages(request, planned.node),
    )
    if len(text.encode()) <= USER_DATA_LIMIT:
        return text
    short = packed(text)
    if len(short.encode()) > USER_DATA_LIMIT:
        raise _too_long(request, planned.node, len(short.encode()))
    return short


def _too_long(request: ClusterRequest, node: Node, size: int) -> RenderError:
    scripts = request.spec.group(node.group).scripts
    sizes = ", ".join(f"{script.name} {len(compressed(script.text.encode()))}" for script in scripts)
    return RenderError(
        f"the first boot script of {node.name} has {size} bytes even if it is packed, and EC2 takes {USER_DATA_LIMIT}"
        + (f"; of these, packed: {sizes}" if sizes else ""),
        hint="Let a short script fetch what is long, from /permanent say."
        if sizes
        else "Use a shorter public key (--key), such as an ed25519 one.",
    )


def _packages(request: ClusterRequest, node: Node) -> dict[str, PackageProxy | None]:
    """The proxy that the node uses, and the one that it is."""
    spec = request.spec
    head = next(one.private_ip for one in request.nodes if one.node.role is Role.HEAD)
    proxy = package_proxy(spec, request.base, head)
    private = {group.name for group in spec.compute if not group.public_address}
    return {
        "proxy": proxy if node.group in private else None,
        "serves": proxy if node.role is Role.HEAD else None,
    }


def _authorized(request: ClusterRequest) -> tuple[str, ...]:
    keys = (request.login_key, request.spec.public_key, request.internal_key)
    return tuple(key for key in keys if key)


def _root(kind: str, modules: tuple[str, ...], cloud: Cloud, **values: object) -> dict[str, str]:
    """The files of a root module, copies of the modules that it calls, and where another cloud than AWS answers."""
    files = _static(kind, modules, **values)
    if cloud.endpoint_url:
        override = render_template("root/endpoint_override.tf.j2", endpoint_url=cloud.endpoint_url)
        files[OVERRIDE_FILE] = override
    return files


def _static(kind: str, modules: tuple[str, ...], **values: object) -> dict[str, str]:
    files = {name: render_template(f"root/{kind}/{name}.j2", **values) for name in _ROOT_FILES}
    for module in modules:
        files.update({f"modules/{module}/{name}": _module_file(module, name) for name in _MODULE_FILES})
    return files


def _base_values(request: BaseRequest) -> dict[str, Any]:
    return {
        "region": request.cloud.region,
        "aws_profile": request.cloud.aws_profile,
        "role_arn": request.cloud.role_arn,
        "name": "hpcctl",
        "cidr": BASE_CIDR,
        "bucket": request.bucket,
        "role": request.role,
        "tags": {"hpcctl:base": "1", "hpcctl:owner": request.cloud.owner},
    }


def _cluster_values(request: ClusterRequest) -> dict[str, Any]:
    spec, facts = request.spec, request.facts
    return {
        "region": request.cloud.region,
        "aws_profile": _named_profile(request.cloud),
        "role_arn": request.cloud.role_arn,
        "cluster": spec.name,
        "cluster_id": request.cluster_id,
        "tags": cluster_tags(
            spec, cluster_id=request.cluster_id, created=request.created, owner=request.cloud.owner
        ),
        "vpc_id": request.base.vpc_id,
        "subnet_id": request.base.subnet_id,
        "instance_profile": request.base.instance_profile,
        "ssh_from": list(facts.ssh_from),
        "public_key": _one_line(request.login_key),
        "rules": rule_values(spec),
        "efa": any(group.efa for group in spec.groups),
        "security_groups": list(spec.network.security_groups),
        "groups": group_values(spec, facts),
        "volumes": new_volume_values(spec),
        "attached": attached_values(spec),
        "nodes": {
            planned.node.name: {
                "role": planned.node.role.value,
                "group": planned.node.group,
                "private_ip": planned.private_ip,
            }
            for planned in request.nodes
        },
        "user_data": {planned.node.name: render_user_data(request, planned) for planned in request.nodes},
    }


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def _one_line(key: str) -> str:
    """A public key as one line: a line break in it would add a key that nobody named."""
    return " ".join(key.split())


@lru_cache(maxsize=64)
def _module_file(module: str, name: str) -> str:
    return (data_folder("terraform") / "modules" / module / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _packed_install_script() -> str:
    """The install script, small enough for user data."""
    path: Path = data_folder("templates") / "image" / "install.sh"
    return compressed(path.read_bytes())
