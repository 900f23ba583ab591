"""Every way in which a root and its modules can fail to fit."""

from collections.abc import Callable

import pytest

from hpcctl.errors import RenderError
from hpcctl.modules import check_root
from hpcctl.render import render_base, render_cluster
from tests.unit.terraform_requests import AWS, ELSEWHERE, base_request, cluster_request

Files = dict[str, str]


def _replaced(path: str, old: str, new: str) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        assert old in files[path]
        files[path] = files[path].replace(old, new, 1)

    return change


@pytest.mark.parametrize("cloud", [AWS, ELSEWHERE])
def test_check_when_rendered_then_everything_fits(cloud: object) -> None:
    check_root(render_cluster(cluster_request(cloud)))  # type: ignore[arg-type]
    check_root(render_base(base_request(cloud)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_replaced("main.tf", "volumes  ", "volume  "), "module nodes has no variable volume"),
        (_replaced("main.tf", "volumes  ", "volume  "), "module nodes needs volumes"),
        (_replaced("main.tf", "var.nodes", "var.hosts"), "variable hosts is not declared"),
        (_replaced("main.tf", "module.access.key_name", "module.access.key"), "has no output key"),
        (_replaced("outputs.tf", "module.nodes", "module.hosts"), "there is no module hosts"),
        (_replaced("terraform.tfvars.json", '"region"', '"regoin"'), "terraform.tfvars.json needs region"),
        (_replaced("terraform.tfvars.json", '"region"', '"regoin"'), "has no variable regoin"),
        (_replaced("variables.tf", 'variable "region" {', "variable {{"), "variables.tf is not valid HCL"),
        (lambda files: files.pop("modules/nodes/variables.tf"), "has no modules/nodes/variables.tf"),
    ],
)
def test_check_when_something_does_not_fit_then_it_is_named(
    change: Callable[[Files], None], message: str
) -> None:
    files = dict(render_cluster(cluster_request(AWS)))
    change(files)
    with pytest.raises(RenderError, match=message):
        check_root(files)


def test_check_when_several_mistakes_then_all_are_reported() -> None:
    files = dict(render_cluster(cluster_request(AWS)))
    files["main.tf"] = files["main.tf"].replace("vpc_id  ", "vpcid  ").replace("groups  ", "group  ")
    with pytest.raises(RenderError) as caught:
        check_root(files)
    assert "vpcid" in caught.value.message
    assert "groups" in caught.value.message
