"""docs/iam-policy.json: which permission belongs into which statement, and on what it is limited to.

The actions themselves are not chosen here: they are those of a run's calls, and those that only AWS itself asks for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAPER = Path(__file__).parents[2] / "docs" / "iam-policy.json"

CLUSTER = {"Null": {"aws:ResourceTag/hpcctl:cluster": "false"}}
"""Only what carries the tag of a cluster."""


def _ec2(*kinds: str) -> tuple[str, ...]:
    return tuple(f"arn:aws:ec2:*:*:{kind}/*" for kind in kinds)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of the policy; an action that ends with ``*`` here stands for those that begin so."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    condition: Mapping[str, Any] | None = None

    def takes(self, permission: str) -> bool:
        """Whether the permission belongs here."""
        return any(
            permission.startswith(action[:-1]) if action.endswith("*") else permission == action
            for action in self.actions
        )


STATEMENTS = (
    Statement(
        sid="Look",
        actions=(
            "ec2:Describe*",
            "pricing:GetProducts",
            "servicequotas:*",
            "sts:GetCallerIdentity",
        ),
    ),
    Statement(
        sid="LookForImages",
        actions=("ssm:GetParameter*",),
        resources=("arn:aws:ssm:*::parameter/aws/service/*",),
    ),
    Statement(
        sid="ClusterParts",
        actions=("ec2:CreateSecurityGroup", "ec2:ImportKeyPair", "ec2:CreatePlacementGroup"),
        resources=_ec2("security-group", "vpc", "key-pair", "placement-group"),
    ),
    Statement(
        sid="ClusterRun",
        actions=("ec2:RunInstances",),
        resources=_ec2("instance", "volume"),
        condition={"Null": {"aws:RequestTag/hpcctl:cluster": "false"}},
    ),
    Statement(
        sid="ClusterRunWith",
        actions=("ec2:RunInstances",),
        resources=(
            "arn:aws:ec2:*::image/*",
            *_ec2("key-pair", "network-interface", "placement-group", "security-group", "subnet"),
            *_ec2("spot-instances-request", "launch-template"),
        ),
    ),
    Statement(
        sid="ClusterUseVolumes",
        actions=("ec2:AttachVolume",),
        resources=_ec2("instance", "volume"),
    ),
    Statement(
        sid="ClusterNetworkCards",
        actions=("ec2:CreateLaunchTemplate", "ec2:DeleteLaunchTemplate"),
        resources=_ec2("launch-template"),
    ),
    Statement(
        sid="ClusterEndSpotRequests",
        actions=("ec2:CancelSpotInstanceRequests",),
        resources=_ec2("spot-instances-request"),
    ),
    Statement(
        sid="SpotRole",
        actions=("iam:CreateServiceLinkedRole",),
        resources=("arn:aws:iam::*:role/aws-service-role/spot.amazonaws.com/*",),
        condition={"StringEquals": {"iam:AWSServiceName": "spot.amazonaws.com"}},
    ),
    Statement(
        sid="ClusterTagWhatIsMade",
        actions=("ec2:CreateTags",),
        resources=_ec2(
            *("instance", "volume", "security-group", "key-pair", "placement-group"),
            *("vpc", "subnet", "internet-gateway", "vpc-endpoint", "launch-template"),
        ),
        condition={"Null": {"ec2:CreateAction": "false"}},
    ),
    Statement(
        sid="ClusterChange",
        actions=(
            *("ec2:StartInstances", "ec2:StopInstances", "ec2:RebootInstances", "ec2:TerminateInstances"),
            *("ec2:ModifyInstanceAttribute", "ec2:GetConsoleOutput", "ec2:CreateTags", "ec2:DeleteTags"),
            *("ec2:AuthorizeSecurityGroup*", "ec2:RevokeSecurityGroup*", "ec2:DeleteSecurityGroup"),
            *("ec2:DeleteKeyPair", "ec2:DeletePlacementGroup", "ec2:DeleteVolume"),
            "ec2-instance-connect:SendSSHPublicKey",
        ),
        resources=_ec2("instance", "volume", "security-group", "key-pair", "placement-group"),
        condition=CLUSTER,
    ),
    Statement(
        sid="PassTheNodesRole",
        actions=("iam:PassRole",),
        resources=("arn:aws:iam::*:role/hpcctl-*",),
        condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
    ),
    Statement(
        sid="LookAtTheBase",
        actions=("iam:Get*", "iam:List*"),
        resources=("arn:aws:iam::*:role/hpcctl-*", "arn:aws:iam::*:instance-profile/hpcctl-*"),
    ),
    Statement(
        sid="BaseRole",
        actions=("iam:*",),
        resources=("arn:aws:iam::*:role/hpcctl-*", "arn:aws:iam::*:instance-profile/hpcctl-*"),
    ),
    Statement(
        sid="BaseNetwork",
        actions=(
            *("ec2:CreateVpc", "ec2:CreateSubnet", "ec2:CreateRoute"),
            *("ec2:CreateInternetGateway", "ec2:AttachInternetGateway", "ec2:CreateVpcEndpoint"),
        ),
        resources=_ec2("vpc", "subnet", "internet-gateway", "route-table", "vpc-endpoint"),
    ),
    Statement(
        sid="BaseCloseTheDefaultGroup",
        actions=("ec2:RevokeSecurityGroup*",),
        resources=_ec2("security-group"),
    ),
    Statement(
        sid="Objects",
        actions=(
            *("s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"),
            *("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
        ),
        resources=("arn:aws:s3:::hpcctl-*/*",),
    ),
    Statement(
        sid="Buckets",
        actions=("s3:ListBucket", "s3:GetBucket*", "s3:GetEncryptionConfiguration"),
        resources=("arn:aws:s3:::hpcctl-*",),
    ),
    Statement(sid="BaseBucket", actions=("s3:*",), resources=("arn:aws:s3:::hpcctl-*",)),
)
"""A permission goes into the first statement that takes it, and into every further one that names it exactly or by a
beginning longer than the service's; those whose names begin with Base are needed only where a base is made."""

ONLY_ON_AWS = {
    "iam:PassRole": "AWS asks for it when an instance, or an instance profile, is given the role",
    "iam:TagRole": "CreateRole asks for it, as the role is made with its tags",
    "iam:TagInstanceProfile": "CreateInstanceProfile asks for it, as it is made with its tags",
    "ec2:CreateTags": "everything is made with its tags, and AWS asks for this as well then",
    "ec2:RevokeSecurityGroupIngress": "on AWS the default group of a VPC has a rule to take away",
    "ec2:ModifyInstanceAttribute": "Terraform takes off the protection of an instance that has one",
    "ec2:GetConsoleOutput": "for a machine that does not answer",
    "ec2:DeleteVolume": "for a volume that outlived its instance: doctor --orphans --remove",
    "ec2-instance-connect:SendSSHPublicKey": "to log in from a machine without the cluster's key",
    "ec2:AttachVolume": "for a volume that a cluster file names by its id",
    "ec2:CreateLaunchTemplate": "a node with an EFA is made from a launch template",
    "ec2:DescribeLaunchTemplateVersions": "Terraform reads that template",
    "ec2:DeleteLaunchTemplate": "and takes it away",
    "ec2:DescribeSpotInstanceRequests": "Terraform reads the request of a spot instance",
    "ec2:CancelSpotInstanceRequests": "Terraform takes back the request of a spot instance that it ends",
    "iam:CreateServiceLinkedRole": "EC2 makes its role for spot with the first spot instance of an account",
    "servicequotas:ListServiceQuotas": "for an account that has no quota of its own",
}
"""What the run against the sandbox cannot show, and why it is needed all the same."""


def statements_of(permission: str) -> tuple[Statement, ...]:
    """Where the permission belongs; a whole service (``iam:*``) takes only what nothing else does."""
    taking = [statement for statement in STATEMENTS if statement.takes(permission)]
    service = f"{permission.partition(':')[0]}:*"
    closer = tuple(statement for statement in taking if service not in statement.actions)
    return closer or tuple(taking)


def document(called: Iterable[str]) -> str:
    """The policy for these permissions, as text. AssertionError for one that belongs nowhere yet."""
    wanted = sorted({*called, *ONLY_ON_AWS})
    homeless = [permission for permission in wanted if not statements_of(permission)]
    assert not homeless, f"no statement for {', '.join(homeless)}: decide in {Path(__file__).name}"
    made = []
    for statement in STATEMENTS:
        actions = [permission for permission in wanted if statement in statements_of(permission)]
        if actions:
            made.append(_json(statement, actions))
    return json.dumps({"Version": "2012-10-17", "Statement": made}, indent=2) + "\n"


def _json(statement: Statement, actions: list[str]) -> dict[str, Any]:
    resources = statement.resources
    return {
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": actions,
        "Resource": resources[0] if len(resources) == 1 else list(resources),
        **({"Condition": dict(statement.condition)} if statement.condition else {}),
    }
