"""Rendered Terraform folders: golden files, and what must hold for every request."""

import base64
import gzip
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl import render
from hpcctl.errors import RenderError
from hpcctl.packing import unpacked
from hpcctl.render import (
    BASE_MODULES,
    CLUSTER_MODULES,
    STATE_MODULES,
    VALUES_FILE,
    render_base,
    render_cluster,
    render_state_bucket,
    render_user_data,
)
from hpcctl.resources import data_folder
from hpcctl.spec.basenames import Part
from hpcctl.spec.model import Script
from tests.unit import golden
from tests.unit.terraform_requests import (
    AWS,
    ELSEWHERE,
    PUBLIC_KEY,
    base_request,
    cluster_request,
    groups_request,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "workspaces"
OVERRIDE = "endpoint_override.tf"
ROLE = "arn:aws:iam::123456789012:role/hpc"
HOSTILE = 'a"b\\c\'d${path.root}%{if true}\n"}\nresource "x" "y" {}\n#'

EXAMPLES: dict[str, Callable[[], Mapping[str, str]]] = {
    "base-aws": lambda: render_base(base_request(AWS)),
    "base-adopting": lambda: render_base(
        replace(base_request(AWS), bucket_exists=True, role_exists=True, profile_exists=True)
    ),
    "base-endpoint": lambda: render_base(base_request(ELSEWHERE)),
    "base-network-alone": lambda: render_base(replace(base_request(AWS), parts=frozenset({Part.NETWORK}))),
    "base-role-alone": lambda: render_base(
        replace(base_request(AWS), parts=frozenset({Part.ROLE}), own_bucket="wing-results", role_exists=True)
    ),
    "cluster-aws": lambda: render_cluster(cluster_request(AWS, nodes=3, tags=(("project", "wing"),))),
    "cluster-groups": lambda: render_cluster(groups_request(AWS)),
    "cluster-one-node": lambda: render_cluster(cluster_request(AWS, nodes=1)),
    "cluster-endpoint": lambda: render_cluster(cluster_request(ELSEWHERE, public_key=f"{PUBLIC_KEY} own")),
    "cluster-shared": lambda: render_cluster(cluster_request(replace(AWS, state="s3"))),
    "cluster-role": lambda: render_cluster(cluster_request(replace(AWS, state="s3", role_arn=ROLE))),
    "cluster-shared-endpoint": lambda: render_cluster(cluster_request(replace(ELSEWHERE, state="s3"))),
    "state-bucket": lambda: render_state_bucket(AWS, "123456789012", bucket_exists=False),
    "state-bucket-adopting": lambda: render_state_bucket(AWS, "123456789012", bucket_exists=True),
}


@pytest.fixture(scope="module")
def rendered() -> dict[str, dict[str, str]]:
    """All examples, without modules; golden files that no longer fit are made anew if that is asked for."""
    with pytest.MonkeyPatch.context() as patched:
        # Golden files must not change with the install script, nor with the compression library.
        patched.setattr(render, "_packed_install_script", lambda: "PACKED")
        examples = {name: shown(make()) for name, make in EXAMPLES.items()}
    if golden.is_rewriting():
        golden.write(GOLDEN, examples)
    return examples


def shown(files: Mapping[str, str]) -> dict[str, str]:
    """Without modules, and with the scripts of the first boot in files of their own: as the machine sees them."""
    found = {path: text for path, text in files.items() if not path.startswith("modules/")}
    for node, script in json.loads(found[VALUES_FILE]).get("user_data", {}).items():
        literal = json.dumps(script, ensure_ascii=False)
        assert found[VALUES_FILE].count(f'"{node}": {literal}') == 1
        found[VALUES_FILE] = found[VALUES_FILE].replace(f'"{node}": {literal}', f'"{node}": "see {node}.sh"')
        found[f"{node}.sh"] = script
    return found


@pytest.mark.parametrize("example", EXAMPLES)
def test_render_when_an_example_then_the_golden_files(
    example: str, rendered: dict[str, dict[str, str]]
) -> None:
    assert rendered[example] == golden.read(GOLDEN, example), f"{example} differs; `make golden` rewrites it"


def test_render_when_all_examples_then_each_golden_file_is_needed(
    rendered: dict[str, dict[str, str]],
) -> None:
    there = {path.relative_to(GOLDEN).as_posix() for path in GOLDEN.rglob("*") if path.is_file()}
    assert there == set(golden.laid_out(rendered))


@pytest.mark.parametrize("example", EXAMPLES)
def test_render_when_an_example_then_it_carries_its_modules_unchanged(example: str) -> None:
    files = EXAMPLES[example]()
    kind = example.partition("-")[0]
    modules = {"cluster": CLUSTER_MODULES, "base": BASE_MODULES, "state": STATE_MODULES}[kind]
    modules = {"base-network-alone": ("network",), "base-role-alone": ("node_role",)}.get(example, modules)
    copies = {path for path in files if path.startswith("modules/")}
    assert {path.split("/")[1] for path in copies} == set(modules)
    for path in copies:
        assert files[path] == (data_folder("terraform") / path).read_text()


def test_render_when_the_endpoint_differs_then_only_the_override_file_does() -> None:
    elsewhere = replace(AWS, endpoint_url="http://127.0.0.1:4599")
    for there, here in (
        (render_cluster(cluster_request(AWS)), render_cluster(cluster_request(elsewhere))),
        (render_base(base_request(AWS)), render_base(base_request(elsewhere))),
    ):
        assert OVERRIDE not in there
        assert {**there, OVERRIDE: here[OVERRIDE]} == here


def test_render_when_values_are_hostile_then_none_becomes_hcl() -> None:
    calm = render_cluster(cluster_request(AWS))
    hostile = render_cluster(
        cluster_request(replace(AWS, owner=HOSTILE, aws_profile=HOSTILE), tags=((HOSTILE, HOSTILE),))
    )
    assert {path for path in calm if calm[path] != hostile[path]} == {"terraform.tfvars.json"}
    values = json.loads(hostile["terraform.tfvars.json"])
    ours = {
        "hpcctl:cluster": "demo",
        "hpcctl:id": "0a1b2c3d",
        "hpcctl:owner": HOSTILE,
        "hpcctl:created": "2026-01-02T03:04:05+00:00",
        "hpcctl:spec": json.loads(calm["terraform.tfvars.json"])["tags"]["hpcctl:spec"],
    }
    assert values["tags"] == {HOSTILE: HOSTILE, **ours}
    assert values["aws_profile"] == HOSTILE


def test_render_when_the_endpoint_is_hostile_then_it_stays_one_string() -> None:
    text = render_base(base_request(replace(AWS, endpoint_url=HOSTILE)))[OVERRIDE]
    code = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    assert not [line for line in code if line.startswith(("resource", '"}'))]
    assert "$${path.root}%%{if true}" in text


def test_render_when_a_user_tag_has_our_name_then_ours_stays() -> None:
    values = json.loads(
        render_cluster(cluster_request(AWS, tags=(("hpcctl:cluster", "other"),)))["terraform.tfvars.json"]
    )
    assert values["tags"]["hpcctl:cluster"] == "demo"


@pytest.mark.parametrize(
    ("nodes", "possible", "expected"), [(1, True, False), (2, True, True), (2, False, False)]
)
def test_render_when_placement_is_impossible_or_pointless_then_it_is_left_out(
    nodes: int, possible: bool, expected: bool
) -> None:
    request = cluster_request(AWS, nodes=nodes)
    facts = replace(request.facts, types=(replace(request.facts.types[0], cluster_placement=possible),))
    values = json.loads(render_cluster(replace(request, facts=facts))["terraform.tfvars.json"])
    assert {group["placement"] for group in values["groups"].values()} == {expected}


def test_user_data_when_a_key_has_line_breaks_then_it_adds_no_second_key() -> None:
    request = cluster_request(AWS)
    bad = replace(request, login_key=f"{PUBLIC_KEY} a\nKEYS\nrm -rf /\n{PUBLIC_KEY} b")
    lines = render_user_data(bad, bad.nodes[0]).splitlines()
    assert "rm -rf /" not in lines
    assert lines.count("KEYS") == 1


def test_user_data_when_too_long_for_ec2_then_an_error_says_so() -> None:
    request = cluster_request(AWS, public_key=f"ssh-rsa {random.Random(1).randbytes(20_000).hex()}")
    with pytest.raises(RenderError, match="EC2 takes 16384"):
        render_cluster(request)


def test_user_data_when_scripts_are_too_long_then_each_is_named_with_its_size() -> None:
    noise = random.Random(1).randbytes(20_000).hex()
    scripts = (Script(name="tune.sh", text=noise), Script(name="short.sh", text="true\n"))
    request = cluster_request(AWS)
    head = replace(request.spec.head, scripts=scripts)
    with pytest.raises(RenderError, match=r"packed: tune.sh \d{5}, short.sh \d\d"):
        render_cluster(replace(request, spec=replace(request.spec, head=head)))


def test_user_data_when_it_would_be_too_long_then_it_is_packed() -> None:
    plain = cluster_request(AWS)
    request = replace(plain, login_key=f"{PUBLIC_KEY} {'a' * render.USER_DATA_LIMIT}")
    text = render_user_data(request, request.nodes[0])
    assert len(text) < render.USER_DATA_LIMIT
    assert text.startswith("#!/bin/bash\n")
    assert f"{PUBLIC_KEY} aaaa" in unpacked(text)


def test_user_data_when_rendered_then_the_install_script_in_it_is_the_real_one() -> None:
    request = cluster_request(AWS)
    lines = render_user_data(request, request.nodes[0]).splitlines()
    start = next(place for place, line in enumerate(lines) if "<<'INSTALL'" in line)
    packed = "".join(lines[start + 1 : lines.index("INSTALL")])
    script = gzip.decompress(base64.b64decode(packed))
    assert script == (data_folder("templates") / "image" / "install.sh").read_bytes()


def test_user_data_when_a_secret_then_only_the_values_file_holds_it() -> None:
    files = render_cluster(cluster_request(AWS))
    assert [path for path, text in files.items() if "the private key of" in text] == ["terraform.tfvars.json"]


def test_templates_when_read_then_they_hold_no_resource_and_modules_no_template() -> None:
    for path in (data_folder("templates") / "root").rglob("*.j2"):
        assert 'resource "' not in path.read_text(), path
    for path in data_folder("terraform").rglob("*.tf"):
        assert "{{" not in path.read_text(), path
        assert 'provider "' not in path.read_text(), path
