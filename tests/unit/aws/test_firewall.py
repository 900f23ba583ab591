"""Our rule moves, first in and then out; the rules of others stay."""

from __future__ import annotations

from typing import Any

import pytest

from hpcctl.aws.firewall import SSH_RULE, Firewall, firewalls, let_in
from hpcctl.aws.session import ec2
from hpcctl.errors import CloudError
from hpcctl.spec.model import Cloud

OLD, NEW, OTHER = "192.0.2.7/32", "203.0.113.9/32", "198.51.100.0/24"


def rule(network: str, description: str) -> Any:
    spans = [{"CidrIp": network, "Description": description}]
    return {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": spans}


@pytest.fixture
def group(cloud: Cloud) -> str:
    client = ec2(cloud)
    made = client.create_security_group(
        GroupName="hpcctl-demo",
        Description="x",
        VpcId=client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"],
        TagSpecifications=[
            {"ResourceType": "security-group", "Tags": [{"Key": "hpcctl:id", "Value": "0a1b2c3d"}]}
        ],
    )["GroupId"]
    client.authorize_security_group_ingress(
        GroupId=made, IpPermissions=[rule(OLD, SSH_RULE), rule(OTHER, "the colleagues")]
    )
    return made


def networks(cloud: Cloud, group: str) -> set[str]:
    (found,) = ec2(cloud).describe_security_groups(GroupIds=[group])["SecurityGroups"]
    return {span["CidrIp"] for one in found["IpPermissions"] for span in one["IpRanges"]}


def only(cloud: Cloud) -> Firewall:
    (found,) = firewalls(cloud)
    return found


def test_the_rule_moves_to_the_new_address_and_no_other_rule_is_touched(cloud: Cloud, group: str) -> None:
    assert only(cloud) == Firewall(group_id=group, cluster_id="0a1b2c3d", networks=(OLD,))
    assert let_in(cloud, only(cloud), NEW)
    assert networks(cloud, group) == {NEW, OTHER}
    assert not let_in(cloud, only(cloud), NEW)


def test_what_a_killed_run_left_is_cleared_by_the_next(cloud: Cloud, group: str) -> None:
    ec2(cloud).authorize_security_group_ingress(GroupId=group, IpPermissions=[rule(NEW, SSH_RULE)])
    assert set(only(cloud).networks) == {OLD, NEW}
    assert let_in(cloud, only(cloud), NEW)
    assert networks(cloud, group) == {NEW, OTHER}


def test_two_that_move_it_at_once_do_not_fail(cloud: Cloud, group: str) -> None:
    before = only(cloud)
    let_in(cloud, before, NEW)
    assert let_in(cloud, before, NEW)
    assert networks(cloud, group) == {NEW, OTHER}


def test_a_group_that_is_gone_is_told(cloud: Cloud, group: str) -> None:
    before = only(cloud)
    ec2(cloud).delete_security_group(GroupId=group)
    with pytest.raises(CloudError, match="let your address in"):
        let_in(cloud, before, NEW)
