"""The one rule that lets the user's machine in. By the API: Terraform would take seconds for the same two calls.

The new address is let in before the old one is shut out. What a run that was killed in between leaves behind has
both, and the next one removes the stale one. Rules of another description are somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpcctl.aws.session import ec2, explained
from hpcctl.aws.states import ROLE_TAG, tags_of
from hpcctl.errors import CloudError
from hpcctl.spec.model import HEAD, Cloud
from hpcctl.spec.tags import ID_TAG

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import SecurityGroupTypeDef

SSH_RULE = "SSH from the user"
"""As terraform/modules/access describes it."""

_PORT = 22


@dataclass(frozen=True, kw_only=True)
class Firewall:
    """The security group of one cluster: who may log in by the rule that is ours."""

    group_id: str
    cluster_id: str
    networks: tuple[str, ...]


def firewalls(cloud: Cloud, cluster_id: str | None = None) -> tuple[Firewall, ...]:
    """Those of all clusters, or of the one: one question, whatever their number."""
    tagged: Any = (
        {"Name": f"tag:{ID_TAG}", "Values": [cluster_id]}
        if cluster_id
        else {"Name": "tag-key", "Values": [ID_TAG]}
    )
    with explained(cloud, "read the security groups"):
        pages = ec2(cloud).get_paginator("describe_security_groups").paginate(Filters=[tagged])
        groups = [group for page in pages for group in page["SecurityGroups"]]
        return tuple(_firewall(group) for group in groups if not _is_of_head(group))


def let_in(cloud: Cloud, firewall: Firewall, network: str) -> bool:
    """Make ``network`` the one that our rule lets in; False where it was so already."""
    stale = tuple(present for present in firewall.networks if present != network)
    if network in firewall.networks and not stale:
        return False
    if network not in firewall.networks:
        _authorize(cloud, firewall.group_id, [network])
    if stale:
        _revoke(cloud, firewall.group_id, stale)
    return True


def _authorize(cloud: Cloud, group_id: str, networks: Iterable[str]) -> None:
    try:
        with explained(cloud, "let your address in"):
            ec2(cloud).authorize_security_group_ingress(
                GroupId=group_id, IpPermissions=_permissions(networks)
            )
    except CloudError as error:
        if error.code != "InvalidPermission.Duplicate":
            raise


def _revoke(cloud: Cloud, group_id: str, networks: Iterable[str]) -> None:
    try:
        with explained(cloud, "shut the old address out"):
            ec2(cloud).revoke_security_group_ingress(GroupId=group_id, IpPermissions=_permissions(networks))
    except CloudError as error:
        if error.code != "InvalidPermission.NotFound":
            raise


def _firewall(group: SecurityGroupTypeDef) -> Firewall:
    tags = tags_of(group.get("Tags", ()))  # type: ignore[arg-type]
    networks = (
        span["CidrIp"]
        for rule in group.get("IpPermissions", ())
        if rule.get("FromPort") == _PORT and rule.get("ToPort") == _PORT
        for span in rule.get("IpRanges", ())
        if span.get("Description") == SSH_RULE
    )
    return Firewall(group_id=group["GroupId"], cluster_id=tags.get(ID_TAG, ""), networks=tuple(networks))


def _is_of_head(group: SecurityGroupTypeDef) -> bool:
    """The rules for the head alone are the user's own, in a group of their own."""
    return tags_of(group.get("Tags", ())).get(ROLE_TAG) == HEAD  # type: ignore[arg-type]


def _permissions(networks: Iterable[str]) -> Any:
    spans = [{"CidrIp": network, "Description": SSH_RULE} for network in networks]
    return [{"IpProtocol": "tcp", "FromPort": _PORT, "ToPort": _PORT, "IpRanges": spans}]
