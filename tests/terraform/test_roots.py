"""The rendered roots applied for real, by the real provider, to the sandbox's API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpcctl import sandbox
from hpcctl.aws import ResourceKind, find_base, free_addresses, leftovers, preflight, resources_of
from hpcctl.aws.session import ec2, iam, s3
from hpcctl.errors import TerraformError
from hpcctl.inventory import Inventory
from hpcctl.keys import new_key
from hpcctl.render import BaseRequest, ClusterRequest, PlannedNode, render_base, render_cluster
from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.faults import Fault, FaultKind
from hpcctl.spec.model import Base, Cloud, ClusterSpec, Facts
from hpcctl.spec.nodes import expand
from hpcctl.terraform import Event, Terraform, parallelism_for
from tests.specs import plain_spec
from tests.terraform.conftest import put

pytestmark = [pytest.mark.terraform, pytest.mark.sandbox]
SPEC = replace(plain_spec(), tags=(("project", 'a "wing" ${x}'),))


class _Silent:
    def phase(self, name: str) -> AbstractContextManager[None]:
        return nullcontext()

    def detail(self, text: str) -> None:
        pass

    note = warn = detail


def _ignore(event: Event) -> None:
    pass


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A sandbox without machines, for these tests alone."""
    home = tmp_path_factory.mktemp("sandbox")
    sandbox.ensure_up(home, progress=_Silent(), wanted=sandbox.Wanted(machines=False))
    yield sandbox.cloud(home)
    sandbox.down(home)


@pytest.fixture(scope="module")
def facts(cloud: Cloud) -> Facts:
    return preflight(SPEC, cloud, progress=_Silent())


@pytest.fixture(scope="module")
def base_folder(
    terraform: Terraform, cloud: Cloud, facts: Facts, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a base that has been made."""
    folder = put(
        tmp_path_factory.mktemp("base") / "terraform",
        render_base(BaseRequest(cloud=cloud, account=facts.account)),
    )
    terraform.apply(folder, on_event=_ignore)
    return folder


@pytest.fixture(scope="module")
def base(base_folder: Path, cloud: Cloud, facts: Facts) -> Base:
    found = find_base(cloud, SPEC, account=facts.account, zone=facts.zone).base
    assert found
    return found


def _rendered(spec: ClusterSpec, cloud: Cloud, facts: Facts, base: Base) -> Mapping[str, str]:
    addresses = free_addresses(cloud, base, spec.nodes)
    return render_cluster(
        ClusterRequest(
            spec=spec,
            cloud=cloud,
            facts=facts,
            base=base,
            nodes=tuple(
                PlannedNode(node=node, private_ip=address, host_key=new_key(node.name))
                for node, address in zip(expand(spec), addresses, strict=True)
            ),
            login_key=new_key("login").public,
            cluster_id="0a1b2c3d",
            created="2026-01-02T03:04:05+00:00",
            internal_key=new_key("internal").public,
        )
    )


def _alive(cloud: Cloud, cluster: str) -> list[Any]:
    pages = ec2(cloud).describe_instances(
        Filters=[
            {"Name": "tag:hpcctl:cluster", "Values": [cluster]},
            {"Name": "instance-state-name", "Values": ["pending", "running"]},
        ]
    )
    return [instance for page in pages["Reservations"] for instance in page["Instances"]]


def test_base_when_applied_again_then_nothing_changes(terraform: Terraform, base_folder: Path) -> None:
    assert terraform.plan(base_folder, on_event=_ignore) == ()


BUCKET = "arn:aws:s3:::{bucket}"
ALLOWED = {
    f"{BUCKET}": {"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"},
    f"{BUCKET}/any/key": {
        *("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject"),
        *("s3:ListMultipartUploadParts", "s3:PutObject"),
    },
}
"""All that a node may do, by resource."""
ASKED = {
    *(action for actions in ALLOWED.values() for action in actions),
    *("s3:DeleteBucket", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketVersioning"),
    *("s3:DeleteObjectVersion", "s3:GetObjectVersion", "s3:PutObjectAcl", "s3:PutLifecycleConfiguration"),
    *("s3:ListAllMyBuckets", "s3:CreateBucket", "ec2:DescribeInstances", "ec2:RunInstances"),
    *("ec2:TerminateInstances", "ec2:CreateTags", "iam:PassRole", "iam:GetRole", "iam:PutRolePolicy"),
    *("sts:AssumeRole", "ssm:GetParameter", "kms:Decrypt", "ec2-instance-connect:SendSSHPublicKey"),
}
RESOURCES = (
    *ALLOWED,
    "arn:aws:s3:::hpcctl-state-123456789012-us-east-1/clusters/demo/cluster.json",
    "arn:aws:s3:::hpcctl-state-123456789012-us-east-1",
    f"{BUCKET}2/key",
    "arn:aws:iam::123456789012:role/{profile}",
    "arn:aws:ec2:us-east-1:123456789012:instance/i-1",
    "*",
)


def test_role_when_the_nodes_ask_then_only_what_the_table_says_is_allowed(cloud: Cloud, base: Base) -> None:
    """The policies that the role really has, judged by moto's evaluation of IAM policies."""
    from moto.iam.access_control import IAMPolicy, PermissionResult

    client = iam(cloud)
    role = base.instance_profile
    assert client.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    names = client.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    policies = [IAMPolicy(json.dumps(document)) for document in documents]
    allowed: dict[str, set[str]] = {}
    for resource in RESOURCES:
        arn = resource.format(bucket=base.bucket, profile=role)
        for action in ASKED:
            if any(one.is_action_permitted(action, arn) is PermissionResult.PERMITTED for one in policies):
                allowed.setdefault(resource, set()).add(action)
    assert allowed == ALLOWED
    trust = client.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert [one["Principal"] for one in trust["Statement"]] == [{"Service": "ec2.amazonaws.com"}]  # type: ignore[index]


def test_base_when_made_then_the_bucket_is_closed_and_the_role_small(cloud: Cloud, base: Base) -> None:
    access = s3(cloud).get_public_access_block(Bucket=base.bucket)["PublicAccessBlockConfiguration"]
    assert set(access.values()) == {True}
    assert s3(cloud).get_bucket_versioning(Bucket=base.bucket)["Status"] == "Enabled"
    role = iam(cloud).get_instance_profile(InstanceProfileName=base.instance_profile)["InstanceProfile"]
    name = role["Roles"][0]["RoleName"]
    policy = iam(cloud).get_role_policy(RoleName=name, PolicyName="permanent-bucket")["PolicyDocument"]
    assert f"arn:aws:s3:::{base.bucket}/*" in json.dumps(policy)


def test_base_when_its_state_is_lost_then_bucket_and_role_are_taken_over(
    terraform: Terraform, base: Base, cloud: Cloud, facts: Facts, workspace: Path
) -> None:
    request = BaseRequest(cloud=cloud, account=facts.account)
    left = leftovers(cloud, bucket=request.bucket, role=request.role)
    assert (left.bucket_exists, left.role_exists, left.profile_exists) == (True, True, True)
    adopting = BaseRequest(
        cloud=cloud, account=facts.account, bucket_exists=True, role_exists=True, profile_exists=True
    )
    put(workspace, render_base(adopting))
    planned = terraform.plan(workspace, on_event=_ignore)
    made = {change.kind for change in planned if "create" in change.actions}
    assert not made & {"aws_s3_bucket", "aws_iam_role", "aws_iam_instance_profile"}
    assert not [change for change in planned if change.destroys]


def test_cluster_when_applied_then_it_is_as_asked_and_goes_without_a_trace(
    terraform: Terraform, cloud: Cloud, facts: Facts, base: Base, workspace: Path
) -> None:
    put(workspace, _rendered(SPEC, cloud, facts, base))
    outputs = terraform.apply(workspace, on_event=_ignore, parallelism=parallelism_for(SPEC.nodes))
    inventory = Inventory.from_json(outputs["inventory"])
    assert outputs == terraform.output(workspace)
    assert [host.name for host in inventory.hosts] == ["head", "node001"]

    instances = {instance["PrivateIpAddress"]: instance for instance in _alive(cloud, "demo")}
    assert set(instances) == {host.private_ip for host in inventory.hosts}
    tags = {tag["Key"]: tag["Value"] for tag in instances[inventory.head.private_ip]["Tags"]}
    assert tags["hpcctl:node"] == "head"
    assert tags["project"] == 'a "wing" ${x}'
    (volume,) = ec2(cloud).describe_volumes(VolumeIds=[inventory.share_volume_id])["Volumes"]
    assert (volume["Size"], volume["Encrypted"], volume["VolumeType"]) == (4, True, "gp3")
    assert {"Key": "hpcctl:cluster", "Value": "demo"} in volume["Tags"]

    assert terraform.plan(workspace, on_event=_ignore) == ()
    _lose_everything(terraform, cloud, workspace)
    terraform.destroy(workspace, on_event=_ignore, parallelism=parallelism_for(SPEC.nodes))
    assert resources_of(cloud, "0a1b2c3d") == ()
    assert ec2(cloud).describe_volumes()["Volumes"] == []


def _lose_everything(terraform: Terraform, cloud: Cloud, workspace: Path) -> None:
    """An empty state is filled again from what carries the cluster's name."""
    kinds = {
        ResourceKind.SECURITY_GROUP: "module.access.aws_security_group.this",
        ResourceKind.KEY_PAIR: "module.access.aws_key_pair.this",
        ResourceKind.PLACEMENT_GROUP: "module.nodes.aws_placement_group.this[0]",
    }
    strays = {
        kinds.get(found.kind, f'module.nodes.aws_instance.this["{found.node}"]'): found.id
        for found in resources_of(cloud, "0a1b2c3d")
    }
    assert len(strays) == 3 + SPEC.nodes
    state = workspace / "terraform.tfstate"
    state.write_text(json.dumps({**json.loads(state.read_text()), "resources": []}))
    assert set(terraform.adopt(workspace, strays, on_event=_ignore)) == set(strays)
    assert terraform.adopt(workspace, strays, on_event=_ignore) == ()
    assert not (workspace / "adoption.tf").exists()
    assert terraform.plan(workspace, on_event=_ignore) == ()
    tagged = [{"Name": "tag:hpcctl:id", "Values": ["0a1b2c3d"]}]
    assert len(ec2(cloud).describe_volumes(Filters=tagged)["Volumes"]) == SPEC.nodes + 1


@pytest.mark.fault(
    "no capacity", "terraform apply of a cluster", "the error says so; destroy takes the rest away"
)
def test_cluster_when_there_is_no_capacity_then_the_error_says_so(
    terraform: Terraform, cloud: Cloud, facts: Facts, base: Base, workspace: Path
) -> None:
    client = SandboxClient(url=str(cloud.endpoint_url))
    client.add_fault(Fault(kind=FaultKind.CAPACITY, times=99))
    put(workspace, _rendered(SPEC, cloud, facts, base))
    try:
        with pytest.raises(TerraformError) as caught:
            terraform.apply(workspace, on_event=_ignore)
    finally:
        client.clear_faults()
    assert caught.value.codes == ("InsufficientInstanceCapacity",)
    assert "--zone" in caught.value.hint
    terraform.destroy(workspace, on_event=_ignore)
    assert _alive(cloud, "demo") == []
