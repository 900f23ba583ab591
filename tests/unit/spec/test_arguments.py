"""Every mistake of a request is found, all at once, each with a hint."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from hpcctl.errors import SpecError
from hpcctl.spec.arguments import Arguments, built_from, spec_from

GOOD = Arguments(name="demo", nodes="4", instance_type="c5.xlarge", share_gib="50")


def public_key(kind: bytes = b"ssh-ed25519", label: str = "ssh-ed25519") -> str:
    raw = len(kind).to_bytes(4, "big") + kind + (32).to_bytes(4, "big") + bytes(32)
    return f"{label} {base64.b64encode(raw).decode()} me@here"


def problems(**changes: object) -> list[str]:
    with pytest.raises(SpecError) as caught:
        spec_from(replace(GOOD, **changes))  # type: ignore[arg-type]
    assert all(problem.hint for problem in caught.value.problems)
    return [problem.where for problem in caught.value.problems]


def test_good_arguments_become_a_spec() -> None:
    spec = spec_from(
        replace(GOOD, public_key=public_key() + "\n", ssh_from="203.0.113.7", tags=("project=wing", "empty="))
    )
    assert (spec.name, spec.nodes, spec.instance_types, spec.share.gib) == ("demo", 4, ("c5.xlarge",), 50)
    assert spec.public_key == public_key()
    assert spec.ssh_from == ("203.0.113.7/32",)
    assert spec.tags == (("project", "wing"), ("empty", ""))


def test_all_mistakes_are_reported_at_once() -> None:
    assert problems(name="Demo", nodes="0", instance_type="big", share_gib="3", user="root", zone="x") == [
        "NAME",
        "NODES",
        "TYPE",
        "SHARE_GB",
        "--user",
        "--zone",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Demo",
        "1demo",
        "demo-",
        "-demo",
        "de_mo",
        "de.mo",
        "a" * 31,
        "démo",
        "demo\n",
        "localhost",
        "node001",
        "demo-head",
        "demo-node001",
        "../x",
        "a b",
    ],
)
def test_bad_names_are_refused(name: str) -> None:
    assert problems(name=name) == ["NAME"]


@pytest.mark.parametrize("name", ["a", "demo", "d3", "my-big-cluster", "a" * 30, "overhead", "node-x"])
def test_good_names_are_taken(name: str) -> None:
    assert spec_from(replace(GOOD, name=name)).name == name


@pytest.mark.parametrize("nodes", ["0", "-1", "1001", "four", "1.5", "", "1e3", "９", "9" * 5000])
def test_bad_node_counts_are_refused(nodes: str) -> None:
    assert problems(nodes=nodes) == ["NODES"]


@pytest.mark.parametrize("least", ["0", "-1", "5", "four", "1.5", "", "９"])
def test_a_least_number_of_nodes_that_makes_no_sense_is_refused(least: str) -> None:
    assert problems(min_nodes=least) == ["--min-nodes"]


def test_mistakes_in_both_numbers_of_nodes_are_told_at_once() -> None:
    assert problems(nodes="four", min_nodes="0") == ["NODES", "--min-nodes"]


@pytest.mark.parametrize("seconds", ["14", "7201", "soon", "-60", ""])
def test_bad_boot_deadlines_are_refused(seconds: str) -> None:
    assert problems(boot_deadline=seconds) == ["--boot-deadline"]


def test_what_is_to_happen_to_lost_machines_can_be_said() -> None:
    spec = spec_from(replace(GOOD, min_nodes="3", boot_deadline="60"))
    assert (spec.min_nodes, spec.boot_seconds) == (3, 60)
    assert (spec_from(GOOD).min_nodes, spec_from(GOOD).boot_seconds) == (None, None)


@pytest.mark.parametrize("share", ["3", "16385", "-5", "50G"])
def test_bad_share_sizes_are_refused(share: str) -> None:
    assert problems(share_gib=share) == ["SHARE_GB"]


@pytest.mark.parametrize(("share", "nodes"), [("4", "1"), ("16384", "1000")])
def test_the_limits_themselves_are_taken(share: str, nodes: str) -> None:
    assert spec_from(replace(GOOD, share_gib=share, nodes=nodes)).share.gib == int(share)


@pytest.mark.parametrize("kind", ["c5", "c5xlarge", "c5.", ".xlarge", "C5.xlarge", "c5.xlarge;id", "${x}.y"])
def test_bad_types_are_refused(kind: str) -> None:
    assert problems(instance_type=kind) == ["TYPE"]


@pytest.mark.parametrize(
    "kind", ["c5.xlarge", "u-6tb1.metal", "c7gn.16xlarge", "m7i-flex.large", "hpc7a.96xlarge"]
)
def test_good_types_are_taken(kind: str) -> None:
    assert spec_from(replace(GOOD, instance_type=kind)).instance_types == (kind,)


@pytest.mark.parametrize(
    "user", ["root", "admin", "sgeadmin", "systemd-network", "Alice", "0day", "a" * 33, "a b", ""]
)
def test_bad_users_are_refused(user: str) -> None:
    assert problems(user=user) == ["--user"]


@pytest.mark.parametrize(
    "key",
    [
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n",
        "",
        "ssh-ed25519",
        "ssh-ed25519 not*base64",
        public_key()[:40],
        public_key(kind=b"ssh-rsa"),
        public_key(kind=b"ssh-dss", label="ssh-dss"),
        public_key() + "\n" + public_key(),
        'command="rm -rf /" ' + public_key(),
    ],
)
def test_bad_keys_are_refused(key: str) -> None:
    assert problems(public_key=key, key_file="k.pub") == ["--key k.pub"]


def test_a_private_key_is_called_one() -> None:
    with pytest.raises(SpecError, match="private key"):
        spec_from(replace(GOOD, public_key="-----BEGIN RSA PRIVATE KEY-----", key_file="id"))


@pytest.mark.parametrize("network", ["here", "203.0.113.0/33", "2001:db8::/32", "1.2.3"])
def test_bad_networks_are_refused(network: str) -> None:
    assert problems(ssh_from=network) == ["--ssh-from"]


def test_the_whole_internet_is_allowed_and_noted() -> None:
    def notes(arguments: Arguments) -> tuple[str, ...]:
        return built_from(arguments, read=lambda _: "").notes

    assert "whole internet" in notes(replace(GOOD, ssh_from="0.0.0.0/0"))[0]
    assert notes(GOOD) == ()


@pytest.mark.parametrize(
    "tag", ["project", "=x", "aws:x=1", "AWS:x=1", "hpcctl:cluster=x", "Name=x", "a=\x00", "a=${b}"]
)
def test_bad_tags_are_refused(tag: str) -> None:
    assert problems(tags=(tag,)) == [f"--tag {tag}"]


def test_a_key_given_twice_is_refused() -> None:
    assert problems(tags=("a=1", "a=2")) == ["--tag a=2"]


@pytest.mark.parametrize("zone", ["us-east-1a", "us-gov-west-1b", "us-west-2-lax-1a", "ap-southeast-2c"])
def test_good_zones_are_taken(zone: str) -> None:
    assert spec_from(replace(GOOD, zone=zone)).zones == (zone,)


@pytest.mark.parametrize("image", ["debian", "ami-", "ami-xyz", "ami-123"])
def test_bad_images_are_refused(image: str) -> None:
    assert problems(image=image) == ["--image"]
