"""The instance metadata service: tokens, the tree that cloud-init crawls, user data, role credentials."""

from __future__ import annotations

import datetime
import json
import secrets
import string
import time
from collections.abc import Callable, Mapping
from typing import Any

from hpcctl.sandbox.api.identity import Identity, Role

Tree = dict[str, Any]
"""Text, or a folder of the same. JSON documents are text."""

_TOKEN_TTL = "HTTP_X_AWS_EC2_METADATA_TOKEN_TTL_SECONDS"
_TOKEN = "HTTP_X_AWS_EC2_METADATA_TOKEN"
_LONGEST = 21600
_VERSIONS = ("2009-04-04", "2016-09-02", "2018-09-24", "2019-10-01", "2020-10-27", "2021-03-23", "latest")
_CREDENTIALS_LAST = datetime.timedelta(hours=6)
_ALPHABET = string.ascii_letters + string.digits


class MetadataService:
    """One instance's service, as a WSGI application. ``identity`` is asked anew at every request."""

    def __init__(self, identity: Callable[[], Identity]) -> None:
        self._identity = identity
        self._tokens: dict[str, float] = {}
        self._credentials: tuple[datetime.datetime, str] | None = None

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Answer one request."""
        status, headers, body = self._answer(environ)
        content_type = ("Content-Type", "text/plain")
        start_response(status, [content_type, ("Content-Length", str(len(body))), *headers])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _answer(self, environ: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        identity = self._identity()
        if not identity.enabled:
            return "403 Forbidden", [], b""
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "PUT":
            return (
                self._token(environ) if path == "/latest/api/token" else ("405 Method Not Allowed", [], b"")
            )
        if not self._allowed(environ, identity):
            return "401 Unauthorized", [], b""
        found = find(self._tree(identity), path)
        return ("404 Not Found", [], b"") if found is None else ("200 OK", [], found)

    def _token(self, environ: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        if "HTTP_X_FORWARDED_FOR" in environ:
            return "403 Forbidden", [], b""
        ttl = environ.get(_TOKEN_TTL, "")
        if not ttl.isdecimal() or not 1 <= int(ttl) <= _LONGEST:
            return "400 Bad Request", [], b""
        token = secrets.token_urlsafe(40)
        now = time.monotonic()
        self._tokens = {known: until for known, until in self._tokens.items() if until > now}
        self._tokens[token] = now + int(ttl)
        return "200 OK", [("X-aws-ec2-metadata-token-ttl-seconds", ttl)], token.encode()

    def _allowed(self, environ: Mapping[str, Any], identity: Identity) -> bool:
        token = environ.get(_TOKEN)
        if token is None:
            return not identity.token_required
        return self._tokens.get(token, 0) > time.monotonic()

    def _tree(self, identity: Identity) -> Tree:
        meta_data = meta_data_of(identity)
        if identity.role:
            meta_data["iam"] = {
                "info": _profile(identity.role, self._updated()),
                "security-credentials": {identity.role.name: self._role_credentials()},
            }
        version: Tree = {
            "meta-data": meta_data,
            "dynamic": {"instance-identity": {"document": document(identity)}},
        }
        if identity.user_data is not None:
            version["user-data"] = identity.user_data
        return dict.fromkeys(_VERSIONS, version)

    def _role_credentials(self) -> str:
        now = datetime.datetime.now(datetime.timezone.utc)
        if self._credentials is None or self._credentials[0] - now < _CREDENTIALS_LAST / 2:
            expires = now + _CREDENTIALS_LAST
            self._credentials = (expires, _new_credentials(now, expires))
        return self._credentials[1]

    def _updated(self) -> str:
        return str(json.loads(self._role_credentials())["LastUpdated"])


def find(tree: Tree, path: str) -> bytes | None:
    """What is at ``path``: a document, or the list of a folder; None if there is nothing."""
    node: Any = tree
    for part in path.strip("/").split("/"):
        if part and not (isinstance(node, dict) and part in node):
            return None
        node = node[part] if part else node
    if isinstance(node, dict):
        return "\n".join(_listed(name, child) for name, child in node.items()).encode()
    return node if isinstance(node, bytes) else str(node).encode()


def _listed(name: str, child: object) -> str:
    if isinstance(child, KeyFolder):
        return f"{name}={child.key_name}"
    return f"{name}/" if isinstance(child, dict) else name


class KeyFolder(dict[str, Any]):
    """public-keys/0: its parent lists it as ``0=name``."""

    def __init__(self, key_name: str, public_key: str) -> None:
        super().__init__({"openssh-key": public_key})
        self.key_name = key_name


def meta_data_of(identity: Identity) -> Tree:
    """``meta-data/`` without the role, which changes with time."""
    tree: Tree = {
        "ami-id": identity.image_id,
        "ami-launch-index": str(identity.launch_index),
        "ami-manifest-path": "(unknown)",
        "block-device-mapping": dict(identity.devices),
        "hostname": identity.private_name,
        "instance-action": "none",
        "instance-id": identity.instance_id,
        "instance-life-cycle": identity.life_cycle,
        "instance-type": identity.instance_type,
        "local-hostname": identity.private_name,
        "local-ipv4": identity.private_ip,
        "mac": identity.mac,
        "network": {"interfaces": {"macs": {identity.mac: _card(identity)}}},
        "placement": {
            "availability-zone": identity.zone,
            "availability-zone-id": identity.zone_id,
            "region": identity.region,
        },
        "reservation-id": identity.reservation_id,
        "security-groups": _group_names(identity),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    if identity.public_ip:
        tree |= {"public-hostname": identity.public_name, "public-ipv4": identity.public_ip}
    if identity.key_name and identity.public_key:
        tree["public-keys"] = {"0": KeyFolder(identity.key_name, identity.public_key)}
    if identity.active_keys:
        tree["managed-ssh-keys"] = {"active-keys": dict(identity.active_keys)}
    if identity.tags:
        tree["tags"] = {"instance": dict(identity.tags)}
    return tree


def _card(identity: Identity) -> Tree:
    card: Tree = {
        "device-number": "0",
        "interface-id": identity.interface_id,
        "local-hostname": identity.private_name,
        "local-ipv4s": identity.private_ip,
        "mac": identity.mac,
        "owner-id": identity.account,
        "security-group-ids": "\n".join(group for group, _ in identity.groups),
        "security-groups": _group_names(identity),
        "subnet-id": identity.subnet_id,
        "subnet-ipv4-cidr-block": identity.subnet_cidr,
        "vpc-id": identity.vpc_id,
        "vpc-ipv4-cidr-block": identity.vpc_cidr,
        "vpc-ipv4-cidr-blocks": identity.vpc_cidr,
    }
    if identity.public_ip:
        card |= {
            "public-hostname": identity.public_name,
            "public-ipv4s": identity.public_ip,
            "ipv4-associations": {identity.public_ip: identity.private_ip},
        }
    return card


def _group_names(identity: Identity) -> str:
    return "\n".join(name for _, name in identity.groups)


def document(identity: Identity) -> str:
    """The instance identity document."""
    facts = {
        "accountId": identity.account,
        "architecture": "x86_64",
        "availabilityZone": identity.zone,
        "billingProducts": None,
        "devpayProductCodes": None,
        "imageId": identity.image_id,
        "instanceId": identity.instance_id,
        "instanceType": identity.instance_type,
        "kernelId": None,
        "marketplaceProductCodes": None,
        "pendingTime": identity.launched,
        "privateIp": identity.private_ip,
        "ramdiskId": None,
        "region": identity.region,
        "version": "2017-09-30",
    }
    return json.dumps(facts, indent=2)


def _profile(role: Role, updated: str) -> str:
    facts = {
        "Code": "Success",
        "LastUpdated": updated,
        "InstanceProfileArn": role.profile_arn,
        "InstanceProfileId": role.profile_id,
    }
    return json.dumps(facts, indent=2)


def _new_credentials(now: datetime.datetime, expires: datetime.datetime) -> str:
    facts = {
        "Code": "Success",
        "LastUpdated": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "Type": "AWS-HMAC",
        "AccessKeyId": "ASIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16)),
        "SecretAccessKey": "".join(secrets.choice(_ALPHABET) for _ in range(40)),
        "Token": "".join(secrets.choice(_ALPHABET) for _ in range(356)),
        "Expiration": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
    }
    return json.dumps(facts, indent=2)
