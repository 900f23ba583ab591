"""How many vCPUs the account may still start."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hpcctl.aws.session import ec2, explained, quotas
from hpcctl.spec.model import Cloud

STANDARD = "L-1216C47A"
"""The quota of the families A, C, D, H, I, M, R, T and Z; the others are found by their names."""

_STANDARD_FAMILIES = frozenset("acdhimrtz")
_NAME = re.compile(r"Running (?:On-Demand|Dedicated) (?P<families>.+?) (?:instances|Hosts)")


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
    """The quota that the type counts against, or None where AWS has none of a known name for it."""
    family = quota_family(instance_type)
    found = _standard(cloud) if family == "standard" else _listed(cloud, family)
    if found is None:
        return None
    name, limit = found
    return VcpuQuota(name=name, limit=limit, used=_running(cloud, family))


def quota_family(instance_type: str) -> str:
    """Which quota a type counts against: "standard", or the letters in the quota's name ("g", "hpc")."""
    letters = re.match(r"[a-z]+", instance_type.partition(".")[0].replace("-", ""))
    text = letters.group() if letters else ""
    for special in ("hpc", "inf", "trn", "mac", "dl", "vt"):
        if text.startswith(special):
            return special
    return "standard" if text[:1] in _STANDARD_FAMILIES else text[:1]


def names_family(quota_name: str, family: str) -> bool:
    """Does a quota such as "Running On-Demand G and VT instances" speak of this family?"""
    match = _NAME.fullmatch(quota_name)
    if not match or "Dedicated" in quota_name:
        return False
    words = re.findall(r"[A-Za-z]+", match["families"])
    aliases = {"u": ("high",)}.get(family, (family,))
    return any(word.lower() in aliases for word in words)


def _standard(cloud: Cloud) -> tuple[str, int] | None:
    with explained(cloud, "read the vCPU quota"):
        quota = quotas(cloud).get_service_quota(ServiceCode="ec2", QuotaCode=STANDARD)["Quota"]
    return quota.get("QuotaName", "vCPUs"), int(quota["Value"])


def _listed(cloud: Cloud, family: str) -> tuple[str, int] | None:
    with explained(cloud, "list the vCPU quotas"):
        pages = quotas(cloud).get_paginator("list_service_quotas").paginate(ServiceCode="ec2")
        for page in pages:
            for quota in page["Quotas"]:
                if names_family(quota["QuotaName"], family):
                    return quota["QuotaName"], int(quota["Value"])
    return None


def _running(cloud: Cloud, family: str) -> int:
    """The vCPUs of all instances that count against the same quota, ours or not."""
    with explained(cloud, "count the running vCPUs"):
        pages = (
            ec2(cloud)
            .get_paginator("describe_instances")
            .paginate(Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}])
        )
        return sum(
            instance["CpuOptions"]["CoreCount"] * instance["CpuOptions"]["ThreadsPerCore"]
            for page in pages
            for reservation in page["Reservations"]
            for instance in reservation["Instances"]
            if quota_family(instance["InstanceType"]) == family
            and "CpuOptions" in instance
            and "InstanceLifecycle" not in instance  # spot instances have quotas of their own
        )
