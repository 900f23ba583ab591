"""A spec in the tags of its resources, and back."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcctl.spec.encoding import MOST_PLAIN, PACKED, PLAIN, decoded, encoded
from hpcctl.spec.model import (
    Authorized,
    ClusterSpec,
    Efs,
    FirewallRule,
    ImageBy,
    ImageChoice,
    Network,
    NodeGroup,
    Script,
    Spot,
    Volume,
    share_of,
)
from hpcctl.spec.tags import CHUNK, MOST_CHUNKS, cluster_tags, read_spec, read_wishes
from tests.specs import plain_spec

RICH = ClusterSpec(
    name="wing",
    head=NodeGroup(name="head", instance_type="c5.xlarge", runs_jobs=False),
    share=replace(share_of(500), iops=6000, throughput=250, keep=True),
    compute=(
        NodeGroup(
            name="cpu", instance_type="c5.18xlarge", count=40, hyper_threading=False, public_address=False
        ),
        NodeGroup(
            name="gpu",
            instance_type="p3.8xlarge",
            count=4,
            spot=Spot(max_usd=0.25),
            image=ImageChoice(by=ImageBy.NAME, value="hpc-*"),
        ),
    ),
    volumes=(Volume(name="data", mount="/data", volume_id="vol-0123456789abcdef0", shared=False),),
    efs=(Efs(name="models", file_system_id="fs-0123456789abcdef0", mount="/models"),),
    network=Network(
        subnet="subnet-1",
        security_groups=("sg-1",),
        rules=(
            FirewallRule(
                name="x", protocol="tcp", from_port=1, to_port=2, cidrs=("0.0.0.0/0",), description="é"
            ),
        ),
    ),
    permanent=False,
    lifetime_seconds=43200,
    min_nodes=3,
    zones=("eu-west-1a", "eu-west-1c"),
)


@pytest.mark.parametrize("spec", [plain_spec(), RICH])
def test_a_spec_comes_back_from_its_tags(spec: ClusterSpec) -> None:
    tags = cluster_tags(spec, cluster_id="1", created="now", owner="me")
    assert read_spec(tags) == spec
    assert all(len(value) <= CHUNK and re.fullmatch(r"[\w+\-=./:@ ]*", value) for value in tags.values())


def test_what_the_machines_and_other_tags_tell_is_left_out() -> None:
    script = Script(name="tune.sh", text="#!/bin/sh\n" * 1000)
    spec = replace(
        RICH,
        tags=(("project", "wing"),),
        public_key="ssh-ed25519 AAAA",
        authorized=(Authorized(user="ada", public_key="ssh-ed25519 AAAA"),),
        head=replace(RICH.head, scripts=(script,)),
        compute=tuple(replace(group, scripts=(script,)) for group in RICH.compute),
    )
    tags = cluster_tags(spec, cluster_id="1", created="now", owner="me")
    assert tags["project"] == "wing"
    assert read_spec(tags) == RICH


def _ruled(count: int) -> ClusterSpec:
    rules = tuple(
        FirewallRule(
            name=f"r{n}", protocol="tcp", from_port=n, to_port=n * 7, cidrs=(f"10.{n}.{n * 3 % 251}.0/24",)
        )
        for n in range(1, count + 1)
    )
    return replace(RICH, network=replace(RICH.network, rules=rules))


def test_a_long_spec_is_packed_and_one_that_is_too_long_is_told_in_words() -> None:
    assert encoded(RICH).startswith(PLAIN) == (len(encoded(RICH)) < MOST_PLAIN * 2)
    packed = _ruled(25)
    assert encoded(packed).startswith(PACKED)
    assert read_spec(cluster_tags(packed, cluster_id="1", created="now", owner="me")) == packed
    endless = cluster_tags(_ruled(200), cluster_id="1", created="now", owner="me")
    assert read_spec(endless) is None
    assert read_wishes(endless["hpcctl:spec"]).nodes == RICH.nodes


def test_the_most_tags_of_a_user_and_ours_are_fifty() -> None:
    ours = {"Name", "node", "role", "group", "host-key", "volume", "keep"}
    spec = replace(RICH, class_name="lab")
    fixed = {
        key for key in cluster_tags(spec, cluster_id="1", created="now", owner="me") if "spec" not in key
    }
    assert len(ours) + len(fixed) + MOST_CHUNKS + 30 == 50


def test_words_of_an_earlier_hpcctl_are_no_spec() -> None:
    assert read_spec({"hpcctl:spec": "nodes=4 user=hpc asked=zone+image"}) is None
    assert read_spec({}) is None


@pytest.mark.parametrize(
    "text",
    [
        "spec:",
        "spec:!!!",
        "spec:" + base64.b64encode(b"[1,2]").decode(),
        "spec:" + base64.b64encode(json.dumps({"name": "x"}).encode()).decode(),
        "packed:" + base64.b64encode(b"no zlib").decode(),
        "packed:" + base64.b64encode(zlib.compress(b" " * 10_000_000)).decode(),
    ],
)
def test_what_others_wrote_there_is_no_spec(text: str) -> None:
    assert decoded(text) is None


@settings(max_examples=100, deadline=None)
@given(st.text() | st.binary().map(lambda data: PLAIN + base64.b64encode(data).decode()))
def test_nothing_that_is_written_there_is_an_error(text: str) -> None:
    assert decoded(text) is None
