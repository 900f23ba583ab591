"""What preflight learns, and how it says that something cannot be."""

from __future__ import annotations

import threading
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from hpcctl.aws import caller, inquiry, quotas, session
from hpcctl.aws.quotas import Key, VcpuQuota
from hpcctl.errors import CloudError, CredentialsError, SpecError, UnreachableError
from hpcctl.spec.model import Cloud, Facts, ImageBy, ImageChoice, like_nodes
from tests.unit.records import SPEC


class Told:
    """A Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        self.lines.append(f"phase {name}")
        yield

    def detail(self, text: str) -> None:
        self.lines.append(text)

    note = warn = detail


@pytest.fixture(autouse=True)
def plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto has no vCPU quotas."""
    quota = VcpuQuota(name="vCPUs", limit=32, used=8)
    monkeypatch.setattr(quotas, "vcpu_quotas", lambda _, keys: dict.fromkeys(keys, quota))


def learned(
    cloud: Cloud, *, nodes: int = 2, instance_type: str = "c5.xlarge", zone: str = "", image: str = ""
) -> Facts:
    head, compute = like_nodes(nodes, instance_type)
    spec = replace(
        SPEC,
        head=head,
        compute=compute,
        zones=(zone,) if zone else (),
        image=ImageChoice(by=ImageBy.ID, value=image) if image else None,
    )
    return inquiry.preflight(spec, cloud, progress=Told())


def problems(cloud: Cloud, **changes: Any) -> dict[str, str]:
    with pytest.raises(SpecError) as caught:
        learned(cloud, **changes)
    return {problem.where: f"{problem.what} | {problem.hint}" for problem in caught.value.problems}


def launch(cloud: Cloud, name: str) -> None:
    client = session.ec2(cloud)
    image = client.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    tags = [{"Key": "hpcctl:cluster", "Value": name}, {"Key": "hpcctl:owner", "Value": "alice"}]
    client.run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.micro",
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],  # type: ignore[list-item]
    )


def test_the_facts_come_from_the_api(cloud: Cloud) -> None:
    facts = learned(cloud)
    assert facts.account == "123456789012"
    assert facts.zone == "us-east-1a"
    assert facts.image("head").image_id == "ami-0000000000000amd64"
    assert facts.image("head").user == "admin"
    assert facts.ssh_from == ("127.0.0.0/8",)
    assert (facts.types[0].vcpus, facts.types[0].memory_mib, facts.types[0].architecture) == (
        4,
        8192,
        "x86_64",
    )
    assert facts.types[0].cluster_placement
    assert facts.notes == ()


def test_the_image_fits_the_architecture(cloud: Cloud) -> None:
    assert learned(cloud, instance_type="m6g.large").images[0].image_id == "ami-0000000000000arm64"


def test_an_impossible_placement_group_is_a_note(cloud: Cloud) -> None:
    assert "placement group" in learned(cloud, instance_type="t3.micro").notes[0]
    assert learned(cloud, instance_type="t3.micro", nodes=1).notes == ()


def test_an_unknown_type_is_answered_with_the_nearest(cloud: Cloud) -> None:
    found = problems(cloud, instance_type="c5.xlarg")
    assert list(found) == ["head.type"]
    assert "did you mean" in found["head.type"]
    assert "c5.xlarge" in found["head.type"]


def test_everything_wrong_is_told_at_once(cloud: Cloud) -> None:
    launch(cloud, "demo")
    found = problems(cloud, zone="us-east-1z", image="ami-0123456789abcdef0", nodes=7)
    assert list(found) == ["zone", "image", "name", "compute.node.count"]
    assert "us-east-1a" in found["zone"]
    assert "alice already has" in found["name"]
    assert "28 vCPUs; 24 of 32 free" in found["compute.node.count"]


def test_a_type_that_the_zone_lacks_names_the_zones_that_have_it(cloud: Cloud) -> None:
    found = problems(cloud, zone="us-east-1e")
    assert "c5.xlarge is not offered in us-east-1e" in found["zone"]
    assert "us-east-1a" in found["zone"]


def test_a_resumed_create_may_find_its_own_machines(cloud: Cloud) -> None:
    launch(cloud, "demo")
    assert inquiry.preflight(SPEC, cloud, progress=Told(), resume=True).zone


def test_an_image_of_another_architecture_is_refused(cloud: Cloud) -> None:
    image = session.ec2(cloud).describe_images(Owners=["amazon"])["Images"][0]
    assert image["Architecture"] == "x86_64"
    found = problems(cloud, instance_type="m6g.large", image=image["ImageId"])
    assert "is for x86_64, and the instance type is arm64" in found["image"]
    assert learned(cloud, image=image["ImageId"]).images[0].image_id == image["ImageId"]


def test_a_quota_that_cannot_be_read_is_a_note(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> None:
        raise CloudError("not allowed", code="AccessDeniedException")

    monkeypatch.setattr(quotas, "vcpu_quotas", closed)
    assert "not checked: not allowed" in learned(cloud).notes[0]


def test_an_unknown_own_address_asks_for_the_option(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(caller.urllib.request, "urlopen", offline)
    found = problems(replace(cloud, ssh_from=()), instance_type="nope.large")
    assert set(found) == {"ssh_from", "head.type"}
    assert "no network" in found["ssh_from"]


def test_nothing_at_the_endpoint_is_one_error(cloud: Cloud) -> None:
    with pytest.raises(UnreachableError, match=r"nothing answers at http://127\.0\.0\.1:9"):
        learned(replace(cloud, endpoint_url="http://127.0.0.1:9"))


def test_questions_are_asked_side_by_side(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=30)
    account = caller.account

    def wait_account(found: Cloud) -> str:
        both.wait()
        return account(found)

    def wait_quotas(*_: object) -> dict[Key, VcpuQuota | None]:
        both.wait()
        return {}

    monkeypatch.setattr(caller, "account", wait_account)
    monkeypatch.setattr(quotas, "vcpu_quotas", wait_quotas)
    assert "no vCPU quota" in learned(cloud).notes[0]


def test_missing_credentials_are_told_before_all_else(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CredentialsError) as caught:
        learned(replace(cloud, endpoint_url=None, region="eu-west-3"), instance_type="nope.large")
    assert "aws configure" in caught.value.hint
    assert "--profile" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("ExpiredToken", CredentialsError, "have expired"),
        ("InvalidClientTokenId", CredentialsError, "does not accept"),
        ("UnauthorizedOperation", CloudError, "not allowed to"),
        ("RequestLimitExceeded", CloudError, "RequestLimitExceeded"),
        ("OptInRequired", CloudError, "may not use the region"),
    ],
)
def test_refusals_are_told_in_our_words(cloud: Cloud, code: str, kind: type[CloudError], said: str) -> None:
    from botocore.exceptions import ClientError

    with pytest.raises(kind) as caught, session.explained(cloud, "do it"):
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "DoIt")
    assert said in caught.value.message
    assert caught.value.hint
    assert caught.value.code == code


def test_a_profile_that_the_aws_cli_lacks_is_told(cloud: Cloud) -> None:
    with pytest.raises(CredentialsError, match="nobody"):
        learned(replace(cloud, endpoint_url=None, aws_profile="nobody"))
