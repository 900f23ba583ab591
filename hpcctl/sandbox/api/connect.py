"""EC2 Instance Connect: a public key that one instance's metadata service shows for a minute."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.ec2.models import ec2_backends
from moto.ec2instanceconnect.responses import Ec2InstanceConnectResponse

LASTS_SECONDS = 60
_KINDS = ("ssh-ed25519 ", "ssh-rsa ")


@dataclass(frozen=True, kw_only=True)
class SentKey:
    """One key for one user: ``text`` is what the metadata service shows."""

    user: str
    text: str
    until: float


class SentKeys:
    """What was sent to which instance, and is still valid; safe to use from many threads."""

    def __init__(self) -> None:
        self._keys: dict[str, tuple[SentKey, ...]] = {}
        self._lock = threading.Lock()

    def send(self, instance_id: str, user: str, public_key: str, *, caller: str, request: str) -> None:
        """Show it from now on for a minute."""
        text = _block(instance_id, public_key, caller=caller, request=request)
        sent = SentKey(user=user, text=text, until=time.monotonic() + LASTS_SECONDS)
        with self._lock:
            self._keys[instance_id] = (*self._valid(instance_id), sent)

    def active(self, instance_id: str) -> tuple[tuple[str, str], ...]:
        """(user, text) of every user who has a key now."""
        with self._lock:
            valid = self._valid(instance_id)
        users = dict.fromkeys(key.user for key in valid)
        return tuple((user, "\n".join(key.text for key in valid if key.user == user)) for user in users)

    def _valid(self, instance_id: str) -> tuple[SentKey, ...]:
        return tuple(key for key in self._keys.get(instance_id, ()) if key.until > time.monotonic())


def _block(instance_id: str, public_key: str, *, caller: str, request: str) -> str:
    """As AWS writes it. Its signature is that of nobody: there is no authority behind the sandbox."""
    facts = {
        "Timestamp": int(time.time()) + LASTS_SECONDS,
        "Instance": instance_id,
        "Caller": caller,
        "Request": request,
    }
    lines = [f"#{name}={value}" for name, value in facts.items()]
    signature = base64.b64encode(secrets.token_bytes(256)).decode()
    return "\n".join([*lines, public_key.strip(), signature, ""])


class SandboxConnectResponse(Ec2InstanceConnectResponse):
    """The API, with AWS's refusals."""

    def send_ssh_public_key(self) -> str:
        """SendSSHPublicKey."""
        given: dict[str, Any] = json.loads(self.body)
        instance = self._instance(str(given.get("InstanceId", "")))
        key, user = str(given.get("SSHPublicKey", "")), str(given.get("InstanceOSUser", ""))
        zone = given.get("AvailabilityZone")
        if zone and zone != instance.placement.zone:
            raise _refusal("EC2InstanceNotFoundException", f"the instance is not in {zone}")
        if instance.state != "running":
            raise _refusal("EC2InstanceStateInvalidException", f"the instance is {instance.state}")
        if not key.startswith(_KINDS) or not user:
            raise _refusal("InvalidArgsException", "a public key and a user are needed")
        request = str(uuid.uuid4())
        caller = f"arn:aws:iam::{self.current_account}:root"
        instance.ec2_backend.fleet.sent_keys.send(instance.id, user, key, caller=caller, request=request)
        return json.dumps({"RequestId": request, "Success": True})

    def _instance(self, instance_id: str) -> Any:
        backend: Any = ec2_backends[self.current_account][self.region]
        for instance in backend.all_instances():
            if instance.id == instance_id:
                return instance
        raise _refusal("EC2InstanceNotFoundException", f"there is no instance {instance_id}")


def _refusal(code: str, message: str) -> JsonRESTError:
    return JsonRESTError(code, message)
