"""How many vCPUs the account may still start."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hpcctl.aws.session import ec2, explained, quotas
from hpcctl.spec.model import Cloud

STANDARD = {False: "L-1216C47A", True: "L-34B43A08"}
"""The quotas of the families A, C, D, H, I, M, R, T and Z, on demand and for spot; the others are found by name."""

_STANDARD_FAMILIES = frozenset("acdhimrtz")
_NAMES = {
    False: re.compile(r"Running On-Demand (?P<families>.+?) instances"),
    True: re.compile(r"All (?P<families>.+?) Spot Instance Requests"),
}
_OWN_SPOT_QUOTA = re.compile(r"p[5-9]")
"""Of the P family the later generations are counted apart, where it is spot."""
Key = tuple[str, bool]
"""A family as ``quota_family`` has it, and whether it is for spot instances."""


@dataclass(frozen=True, kw_only=True)
class VcpuQuota:
    """A limit on running vCPUs, and how many of them run now."""

    name: str
    limit: int
    used: int

    @property
    def free(self) -> int:
        """How many may still be started."""
        return max(self.limit - self.used, 0)


def vcpu_quota(cloud: Cloud, instance_type: str) -> VcpuQuota | None:
    """The quota that the type counts against on demand, or None where AWS has none of a known name for it."""
    key = quota_key(instance_type, spot=False)
    return vcpu_quotas(cloud, [key])[key]


def vcpu_quotas(cloud: Cloud, keys: Collection[Key]) -> dict[Key, VcpuQuota | None]:
    """The quotas of all these families, None where AWS has none of a known name; few calls, however many there are."""
    if not keys:
        return {}
    with ThreadPoolExecutor(2) as pool:
        limits = pool.submit(_limits, cloud, keys)
        running = pool.submit(_running, cloud)
        known, used = limits.result(), running.result()
    found: dict[Key, VcpuQuota | None] = dict.fromkeys(keys)
    for key, (name, limit) in known.items():
        found[key] = VcpuQuota(name=name, limit=limit, used=used[key])
    return found


def quota_key(instance_type: str, *, spot: bool) -> Key:
    """What the type counts against."""
    own = _OWN_SPOT_QUOTA.match(instance_type) if spot else None
    return (own.group() if own else quota_family(instance_type), spot)


def quota_family(instance_type: str) -> str:
    """Which quota a type counts against: "standard", or the letters in the quota's name ("g", "hpc")."""
    letters = re.match(r"[a-z]+", instance_type.partition(".")[0].replace("-", ""))
    text = letters.group() if letters else ""
    for special in ("hpc", "inf", "trn", "mac", "dl", "vt"):
        if text.startswith(special):
            return special
    return "standard" if text[:1] in _STANDARD_FAMILIES else text[:1]


def names_family(quota_name: str, family: str, *, spot: bool = False) -> bool:
    """Does a quota such as "Running On-Demand G and VT instances" speak of this family?"""
    match = _NAMES[spot].fullmatch(quota_name)
    if not match:
        return False
    words = {word.lower() for word in re.findall(r"[A-Za-z]+\d*", match["families"])}
    aliases = {"u": {"high"}, "p": {"p", "p2", "p3", "p4"}}.get(family, {family})
    return bool(words & aliases)


def _limits(cloud: Cloud, keys: Collection[Key]) -> dict[Key, tuple[str, int]]:
    """Name and limit of each quota that there is. One call for the standard families, a list for the others."""
    standard = [key for key in keys if key[0] == "standard"]
    others = [key for key in keys if key[0] != "standard"]
    found = {key: _standard(cloud, spot=key[1]) for key in standard}
    for name, limit in _listed(cloud) if others else ():
        found.update(
            {
                key: (name, limit)
                for key in others
                if key not in found and names_family(name, key[0], spot=key[1])
            }
        )
    return found


def _standard(cloud: Cloud, *, spot: bool) -> tuple[str, int]:
    with explained(cloud, "read the vCPU quota"):
        quota = quotas(cloud).get_service_quota(ServiceCode="ec2", QuotaCode=STANDARD[spot])["Quota"]
    return quota.get("QuotaName", "vCPUs"), int(quota["Value"])


def _listed(cloud: Cloud) -> Iterator[tuple[str, int]]:
    with explained(cloud, "list the vCPU quotas"):
        for page in quotas(cloud).get_paginator("list_service_quotas").paginate(ServiceCode="ec2"):
            yield from ((quota["QuotaName"], int(quota["Value"])) for quota in page["Quotas"])


def _running(cloud: Cloud) -> Counter[Key]:
    """The vCPUs of all instances that run, ours or not, by what they count against."""
    used: Counter[Key] = Counter()
    with explained(cloud, "count the running vCPUs"):
        pages = (
            ec2(cloud)
            .get_paginator("describe_instances")
            .paginate(Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}])
        )
        for page in pages:
            for reservation in page["Reservations"]:
                for one in reservation["Instances"]:
                    key = quota_key(one["InstanceType"], spot=one.get("InstanceLifecycle") == "spot")
                    options = one.get("CpuOptions", {})
                    used[key] += options.get("CoreCount", 0) * options.get("ThreadsPerCore", 0)
    return used
