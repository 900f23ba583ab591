"""Service quotas of EC2: how many vCPUs of each family may run. Moto has none of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import moto.servicequotas.urls
from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import ServiceQuotasBackend
from moto.servicequotas.responses import ServiceQuotasResponse

from hpcctl.sandbox.api.errors import client_error
from hpcctl.sandbox.api.spot import is_spot

_LIMIT = 8192
_STANDARD = ("a", "c", "d", "h", "i", "m", "r", "t", "z")
_NO_SPOT = ("hpc", "mac")
"""There is no spot capacity of these, whatever letter they begin with."""


@dataclass(frozen=True, kw_only=True)
class VcpuQuota:
    """vCPUs of the families whose names begin with one of ``families``; on demand, or of spot capacity."""

    code: str
    name: str
    families: tuple[str, ...]
    limit: int = _LIMIT
    spot: bool = False


VCPU_QUOTAS = (
    VcpuQuota(code="L-43DA4232", name="Running On-Demand HPC instances", families=("hpc",)),
    VcpuQuota(code="L-1945791B", name="Running On-Demand Inf instances", families=("inf",)),
    VcpuQuota(code="L-2C3B7624", name="Running On-Demand Trn instances", families=("trn",)),
    VcpuQuota(code="L-6E869C2A", name="Running On-Demand DL instances", families=("dl",)),
    VcpuQuota(code="L-F7808C92", name="Running On-Demand High Memory instances", families=("u-", "u7")),
    VcpuQuota(code="L-74FC7D96", name="Running On-Demand F instances", families=("f",)),
    VcpuQuota(code="L-DB2E81BA", name="Running On-Demand G and VT instances", families=("g", "vt")),
    VcpuQuota(code="L-417A185B", name="Running On-Demand P instances", families=("p",)),
    VcpuQuota(code="L-7295265B", name="Running On-Demand X instances", families=("x",)),
    VcpuQuota(
        code="L-1216C47A",
        name="Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
        families=_STANDARD,
    ),
    VcpuQuota(code="L-B5D1601B", name="All Inf Spot Instance Requests", families=("inf",), spot=True),
    VcpuQuota(code="L-6B0D517C", name="All Trn Spot Instance Requests", families=("trn",), spot=True),
    VcpuQuota(code="L-85EED4F7", name="All DL Spot Instance Requests", families=("dl",), spot=True),
    VcpuQuota(code="L-88CF9481", name="All F Spot Instance Requests", families=("f",), spot=True),
    VcpuQuota(code="L-3819A6DF", name="All G and VT Spot Instance Requests", families=("g", "vt"), spot=True),
    VcpuQuota(code="L-C4BD4855", name="All P5 Spot Instance Requests", families=("p5",), spot=True),
    VcpuQuota(
        code="L-7212CCBC",
        name="All P4, P3 and P2 Spot Instance Requests",
        families=("p4", "p3", "p2"),
        spot=True,
    ),
    VcpuQuota(code="L-E3A00192", name="All X Spot Instance Requests", families=("x",), spot=True),
    VcpuQuota(
        code="L-34B43A08",
        name="All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests",
        families=_STANDARD,
        spot=True,
    ),
)
"""Longer names first: hpc7g is not an H instance."""


def quota_for(instance_type: str, *, spot: bool = False) -> VcpuQuota | None:
    """The quota that an instance of this type counts against."""
    if spot and instance_type.startswith(_NO_SPOT):
        return None
    found = (each for each in VCPU_QUOTAS if each.spot is spot and instance_type.startswith(each.families))
    return next(found, None)


def require_vcpus(backend: Any, instance_type: str, count: int, *, spot: bool = False) -> None:
    """Raise VcpuLimitExceeded (MaxSpotInstanceCountExceeded) if ``count`` more instances would be over the quota."""
    quota = quota_for(instance_type, spot=spot)
    if quota is None:
        return
    used = sum(
        _vcpus(backend, each.instance_type)
        for each in backend.all_instances()
        if each.state in ("pending", "running") and quota_for(each.instance_type, spot=is_spot(each)) is quota
    )
    if used + count * _vcpus(backend, instance_type) <= quota.limit:
        return
    if spot:
        raise client_error("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
    message = (
        f"You have requested more vCPU capacity than your current vCPU limit of {quota.limit} allows for the "
        "instance bucket that the specified instance type belongs to."
    )
    raise client_error("VcpuLimitExceeded", message)


def _vcpus(backend: Any, instance_type: str) -> int:
    facts = backend.describe_instance_types([instance_type])[0]
    return int(facts["VCpuInfo"]["DefaultVCpus"])


class SandboxQuotas(ServiceQuotasBackend):
    """Moto's quotas, and EC2's."""

    _url_module = moto.servicequotas.urls

    def list_aws_default_service_quotas(self, service_code: str) -> list[dict[str, Any]]:
        """ListAWSDefaultServiceQuotas; here every quota is at its default."""
        if service_code == "ec2":
            return [self._shown(quota) for quota in VCPU_QUOTAS]
        return super().list_aws_default_service_quotas(service_code)

    def get_service_quota(self, service_code: str, quota_code: str) -> dict[str, Any]:
        """GetServiceQuota."""
        found = self._find(self.list_aws_default_service_quotas(service_code), quota_code)
        if found is None:
            raise NoSuchResource
        return found

    @staticmethod
    def _find(quotas: Iterable[dict[str, Any]], code: str) -> dict[str, Any] | None:
        return next((quota for quota in quotas if quota["QuotaCode"] == code), None)

    def _shown(self, quota: VcpuQuota) -> dict[str, Any]:
        arn = f"arn:aws:servicequotas:{self.region_name}:{self.account_id}:ec2/{quota.code}"
        return {
            "ServiceCode": "ec2",
            "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
            "QuotaArn": arn,
            "QuotaCode": quota.code,
            "QuotaName": quota.name,
            "Value": float(quota.limit),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }


class SandboxQuotasResponse(ServiceQuotasResponse):
    """Moto's actions and one more."""

    def list_service_quotas(self) -> str:
        """ListServiceQuotas."""
        code = str(json.loads(self.body).get("ServiceCode"))
        return json.dumps({"Quotas": self.backend.list_aws_default_service_quotas(code)})
