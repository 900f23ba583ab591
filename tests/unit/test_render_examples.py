"""What Terraform is given for each template of each example: golden values. ``make golden`` rewrites them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl import render
from hpcctl.keys import KeyPair
from hpcctl.modules import check_root
from hpcctl.render import VALUES_FILE, PlannedNode, render_cluster
from hpcctl.spec.arguments import Arguments, built_from
from hpcctl.spec.document.loading import open_document
from hpcctl.spec.model import ClusterSpec, GroupImage, InstanceFacts
from hpcctl.spec.nodes import expand
from tests.unit import golden
from tests.unit.terraform_requests import AWS, PUBLIC_KEY, cluster_request

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "examples"

EXAMPLES = {
    "small": ("small.hcl", ""),
    "spot": ("spot.hcl", ""),
    "existing-network": ("existing-network.hcl", ""),
    "storage": ("storage.hcl", ""),
    "course": ("course.hcl", "default"),
}


def spec_of(example: str) -> ClusterSpec:
    file, label = EXAMPLES[example]
    text = (ROOT / "examples" / file).read_text(encoding="utf-8")
    document = open_document(file, settings={}, environ={}, read=lambda _: text)
    return built_from(Arguments(name="demo"), read=lambda _: "", below=document.template(label)).spec


def rendered(example: str) -> dict[str, str]:
    spec, usual = spec_of(example), cluster_request(AWS)
    facts = replace(
        usual.facts,
        types=tuple(
            InstanceFacts(
                name=name,
                vcpus=8,
                memory_mib=16384,
                architecture="x86_64",
                cluster_placement=not name.startswith("t3"),
                cores=4,
                threads_per_core=2,
            )
            for name in spec.instance_types
        ),
        images=tuple(
            GroupImage(group=group.name, image_id="ami-0123456789abcdef0", user="admin")
            for group in spec.groups
        ),
    )
    nodes = tuple(
        PlannedNode(
            node=node,
            private_ip=f"10.71.0.{number}",
            host_key=KeyPair(private=f"the private key of {node.name}\n", public=f"{PUBLIC_KEY} {node.name}"),
        )
        for number, node in enumerate(expand(spec), start=10)
    )
    return dict(render_cluster(replace(usual, spec=spec, facts=facts, nodes=nodes)))


def values(files: dict[str, str]) -> str:
    """Scripts of the first boot are in other golden files; here are those whose they are."""
    found = json.loads(files[VALUES_FILE])
    found["user_data"] = sorted(found["user_data"])
    return json.dumps(found, indent=2) + "\n"


def test_every_example_has_golden_values() -> None:
    assert {file for file, _ in EXAMPLES.values()} == {
        path.name for path in (ROOT / "examples").glob("*.hcl")
    }


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_becomes_the_golden_values_and_no_code_of_its_own(
    example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "_packed_install_script", lambda: "PACKED")
    files = rendered(example)
    check_root(files)
    path = GOLDEN / f"{example}.tfvars.json"
    if golden.is_rewriting():
        path.parent.mkdir(exist_ok=True)
        path.write_text(values(files), encoding="utf-8")
    assert values(files) == path.read_text(encoding="utf-8"), f"{example} differs; `make golden` rewrites it"
    usual = render_cluster(cluster_request(AWS))
    assert {name for name in files.keys() | usual if files.get(name) != usual.get(name)} == {VALUES_FILE}


def test_no_golden_values_are_left_over() -> None:
    left = [path for path in GOLDEN.iterdir() if path.name.partition(".")[0] not in EXAMPLES]
    if golden.is_rewriting():
        for path in left:
            path.unlink()
    else:
        assert not left
