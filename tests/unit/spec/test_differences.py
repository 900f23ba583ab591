"""A repeated create says in what its file has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hpcctl.spec.arguments import Arguments, spec_from
from hpcctl.spec.differences import differences
from hpcctl.spec.model import (
    ClusterSpec,
    Efs,
    FirewallRule,
    ImageBy,
    ImageChoice,
    Network,
    Script,
    Spot,
    Volume,
)

SPEC = spec_from(Arguments(name="demo", nodes="4", instance_type="c5.xlarge", share_gib="50"))
GPU = replace(SPEC.compute[0], name="gpu")
RULE = FirewallRule(name="web", protocol="tcp", from_port=80, to_port=80, cidrs=("10.0.0.0/8",))


def test_the_same_has_none() -> None:
    assert differences(SPEC, SPEC) == ()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (replace(SPEC, user="alice"), "user is hpc, and alice is asked for"),
        (replace(SPEC, zones=("us-east-1a",)), "zone is nothing, and us-east-1a is asked for"),
        (replace(SPEC, tags=(("a", "b"),)), "tags is nothing, and a=b is asked for"),
        (replace(SPEC, permanent=False), "storage.permanent.enabled is true, and false is asked for"),
        (replace(SPEC, public_key="ssh-ed25519 x"), "key is not the same"),
        (replace(SPEC, share=replace(SPEC.share, gib=60)), "storage.share.size is 50, and 60 is asked for"),
        (
            replace(SPEC, head=replace(SPEC.head, instance_type="m5.large")),
            "head.type is c5.xlarge, and m5.large is asked for",
        ),
        (
            replace(SPEC, compute=(replace(SPEC.compute[0], count=8),)),
            "compute.node.count is 3, and 8 is asked for",
        ),
        (
            replace(SPEC, compute=(replace(SPEC.compute[0], spot=Spot()),)),
            "compute.node.spot is nothing, and spot is asked for",
        ),
        (
            replace(SPEC, compute=(replace(SPEC.compute[0], scripts=(Script(name="a", text="b"),)),)),
            "compute.node.user_data is not the same",
        ),
        (replace(SPEC, compute=(*SPEC.compute, GPU)), "compute.gpu is asked for, and not there"),
        (
            replace(SPEC, volumes=(Volume(name="data", mount="/data", gib=1),)),
            "storage.volume.data is asked for, and not there",
        ),
        (
            replace(SPEC, efs=(Efs(name="m", file_system_id="fs-1", mount="/m"),)),
            "storage.efs.m is asked for, and not there",
        ),
        (replace(SPEC, network=Network(rules=(RULE,))), "firewall.web is asked for, and not there"),
        (
            replace(SPEC, network=Network(subnet="subnet-1")),
            "network.subnet is nothing, and subnet-1 is asked for",
        ),
        (
            replace(SPEC, image=ImageChoice(by=ImageBy.NAME, value="hpc-*")),
            "image is nothing, and hpc-* self is asked for",
        ),
    ],
)
def test_each_is_told_in_the_words_of_a_file(asked: ClusterSpec, told: str) -> None:
    assert differences(SPEC, asked) == (told,)


def test_what_is_not_asked_for_any_more_and_another_order_are_told() -> None:
    both = replace(SPEC, compute=(SPEC.compute[0], GPU))
    assert differences(both, SPEC) == ("compute.gpu is there, and not asked for",)
    assert differences(both, replace(SPEC, compute=(GPU, SPEC.compute[0]))) == (
        "the order of compute is not the same",
    )
