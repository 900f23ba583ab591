"""What carries our tags and nobody knows: found, priced, left alone while it is young or somebody else's, removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.machine import Machine

pytestmark = pytest.mark.sandbox


def tags(kind: str, cluster: str, owner: str) -> list[Any]:
    words = {"cluster": cluster, "id": f"id-{cluster}", "owner": owner}
    return [
        {
            "ResourceType": kind,
            "Tags": [{"Key": f"hpcctl:{key}", "Value": value} for key, value in words.items()],
        }
    ]


@pytest.fixture
def machine(sandbox_home: Path, tmp_path: Path) -> Machine:
    return Machine(sandbox_home, tmp_path)


@pytest.fixture
def lost(ec2: Any, machine: Machine) -> Iterator[str]:
    """All that a cluster is made of, of an owner that this machine runs as."""
    owner = json.loads(machine("doctor", "--orphans", "--json", "--profile", "sandbox").stdout or "[]")
    assert owner == []
    name, who = "lost", whoami()
    ec2.import_key_pair(
        KeyName="hpcctl-lost",
        PublicKeyMaterial=b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB",
        TagSpecifications=tags("key-pair", name, who),
    )
    ec2.create_placement_group(
        GroupName="hpcctl-lost", Strategy="cluster", TagSpecifications=tags("placement-group", name, who)
    )
    group = ec2.create_security_group(
        GroupName="hpcctl-lost", Description="x", TagSpecifications=tags("security-group", name, who)
    )["GroupId"]
    ec2.run_instances(
        ImageId=ec2.describe_images(Owners=["136693071363"])["Images"][0]["ImageId"],
        InstanceType="c5.xlarge",
        MinCount=2,
        MaxCount=2,
        SecurityGroupIds=[group],
        TagSpecifications=tags("instance", name, who),
    )
    ec2.create_volume(
        AvailabilityZone="us-east-1a", Size=50, VolumeType="gp3", TagSpecifications=tags("volume", name, who)
    )
    yield name


def whoami() -> str:
    from hpcctl.clouds import login_name

    return login_name()


def seen(machine: Machine, *options: str) -> dict[str, Any]:
    done = machine("doctor", "--orphans", "--json", "--profile", "sandbox", *options)
    assert done.returncode == 0, done.stderr
    return {one["name"]: one for one in json.loads(done.stdout)}


def test_orphans_are_priced_and_removed_and_what_is_not_ours_stays(
    machine: Machine, lost: str, ec2: Any
) -> None:
    ec2.create_volume(
        AvailabilityZone="us-east-1a",
        Size=10,
        VolumeType="gp3",
        TagSpecifications=tags("volume", "theirs", "somebody"),
    )
    young = seen(machine)
    assert {name: one["verdict"] for name, one in young.items()} == {lost: "new", "theirs": "another's"}
    kept = machine("doctor", "--orphans", "--remove", "--yes", "--profile", "sandbox")
    assert (kept.returncode, "nothing to remove" in kept.stderr) == (0, True)
    old = seen(machine, "--min-age", "0")
    kinds = sorted(one["kind"] for one in old[lost]["resources"])
    assert kinds == [
        "instance",
        "instance",
        "key pair",
        "placement group",
        "security group",
        "volume",
    ]
    assert old[lost]["usd_a_month"] == pytest.approx(2 * 730 * (0.17 + 0.005) + 50 * 0.08, abs=0.01)
    refused = machine("doctor", "--orphans", "--remove", "--profile", "sandbox", "--min-age", "0")
    assert refused.returncode == 2
    assert "add --yes" in refused.stderr
    gone = machine("doctor", "--orphans", "--remove", "--yes", "--profile", "sandbox", "--min-age", "0")
    assert gone.returncode == 0, gone.stderr
    assert set(seen(machine, "--min-age", "0")) == {"theirs"}
    all_gone = machine(
        "doctor", "--orphans", "--remove", "--yes", "--all-owners", "--profile", "sandbox", "--min-age", "0"
    )
    assert all_gone.returncode == 0, all_gone.stderr
    assert seen(machine) == {}


def test_a_volume_that_was_to_be_kept_is_removed_by_its_id_alone(machine: Machine, ec2: Any) -> None:
    made = tags("volume", "past", whoami())
    made[0]["Tags"] += [{"Key": "hpcctl:keep", "Value": "1"}, {"Key": "hpcctl:volume", "Value": "data"}]
    ids = [
        ec2.create_volume(AvailabilityZone="us-east-1a", Size=50, VolumeType="gp3", TagSpecifications=made)[
            "VolumeId"
        ]
        for _ in range(2)
    ]
    assert seen(machine, "--min-age", "0")["past"]["verdict"] == "kept"
    words = ("doctor", "--orphans", "--profile", "sandbox", "--min-age", "0")
    assert f"{ids[0]} (data, 50 GB gp3)" in machine(*words).stdout
    assert "nothing to remove" in machine(*words, "--remove", "--yes").stderr
    wrong = machine(*words, "--remove", "--yes", "--volume", "vol-1")
    assert wrong.returncode == 2
    assert ids[1] in wrong.stderr
    gone = machine(*words, "--remove", "--yes", "--volume", ids[0])
    assert gone.returncode == 0, gone.stderr
    assert [one["id"] for one in seen(machine)["past"]["resources"]] == [ids[1]]
    assert machine(*words, "--remove", "--yes", "--volume", ids[1]).returncode == 0


def test_a_sound_installation_and_account(machine: Machine) -> None:
    done = machine("--profile", "sandbox", "doctor", "--json")
    found = {one["check"]: one for one in json.loads(done.stdout)}
    assert {name: one["what"] for name, one in found.items() if one["result"] == "problem"} == {}
    assert done.returncode == 0
    assert found["permissions"]["what"].startswith("may make instances")
    assert found["clock"]["what"] == "the same time"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--remove"], "--remove needs --orphans"),
        (["--plan"], "--plan needs NAME"),
        (["--orphans", "demo"], "leave NAME out"),
        (["nowhere"], "no cluster is called 'nowhere'"),
    ],
)
def test_words_that_make_no_sense(machine: Machine, words: list[str], wanted: str) -> None:
    done = machine("doctor", *words)
    assert done.returncode in (1, 2)
    assert wanted in done.stderr
