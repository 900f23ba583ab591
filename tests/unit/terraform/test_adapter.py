"""The calls against a program that answers as Terraform does."""

import json
from pathlib import Path

import pytest

from hpcctl.errors import TerraformError
from hpcctl.terraform import Event, Wish, find_terraform, parallelism_for
from tests.unit.terraform.conftest import FakeTerraform

VERSION = {"@message": "Terraform 1.11.4", "type": "version"}
OUTPUTS = {"@message": "Outputs: 1", "type": "outputs", "outputs": {"base": {"value": {"vpc_id": "vpc-1"}}}}
REPLACED = {
    "address": 'module.nodes.aws_instance.this["node001"]',
    "mode": "managed",
    "type": "aws_instance",
    "index": "node001",
    "change": {"actions": ["delete", "create"], "before": {}, "after": {}},
}
REFUSED = {
    "@message": "Error: creating EC2 VPC",
    "type": "diagnostic",
    "diagnostic": {
        "severity": "error",
        "summary": "creating EC2 VPC: api error VpcLimitExceeded: The maximum number of VPCs has been reached.",
        "address": "module.network.aws_vpc.this",
    },
}


@pytest.fixture(autouse=True)
def _path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPCCTL_TERRAFORM", str(tmp_path / "program" / "terraform"))


def _calls(tmp_path: Path) -> list[str]:
    lines = (tmp_path / "program" / "calls").read_text().splitlines()
    return [line for line in lines if not line.startswith("version")]


def test_apply_when_it_works_then_events_come_and_outputs_are_returned(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(VERSION, OUTPUTS)
    events: list[Event] = []
    outputs = find_terraform(tmp_path / "h").apply(folder, on_event=events.append, parallelism=16)
    assert outputs == {"base": {"vpc_id": "vpc-1"}}
    assert [event.kind for event in events] == ["version", "outputs"]
    assert _calls(tmp_path) == [
        "init -input=false -no-color",
        "apply -input=false -json -auto-approve -lock-timeout=300s -parallelism=16",
    ]


def test_apply_when_done_before_then_init_is_not_repeated(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(VERSION)
    terraform = find_terraform(tmp_path / "h")
    terraform.apply(folder, on_event=lambda _: None)
    terraform.destroy(folder, on_event=lambda _: None, refresh=False)
    assert [call.split()[0] for call in _calls(tmp_path)] == ["init", "apply", "destroy"]
    assert _calls(tmp_path)[-1].endswith("-refresh=false")


def test_apply_when_aws_refuses_then_the_error_has_its_words_its_code_and_the_log(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(VERSION, REFUSED, code=1)
    with pytest.raises(TerraformError) as caught:
        find_terraform(tmp_path / "h").apply(folder, on_event=lambda _: None)
    error = caught.value
    assert error.message == (
        "terraform apply failed: VPC: The maximum number of VPCs has been reached. (VpcLimitExceeded)"
    )
    assert error.codes == ("VpcLimitExceeded",)
    log = folder.parent / "log" / "terraform.log"
    assert str(log) in error.hint
    assert json.loads(log.read_text().splitlines()[-1]) == REFUSED
    assert log.stat().st_mode & 0o777 == 0o600


def test_forget_when_the_state_has_instances_then_the_resource_is_taken_out_of_it(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake('aws_instance.this["head"]', "aws_key_pair.this")
    terraform = find_terraform(tmp_path / "h")
    terraform.forget(folder, "aws_instance.this", on_event=lambda _: None)
    assert _calls(tmp_path) == []  # there is no state yet
    (folder / "terraform.tfstate").write_text("{}")
    terraform.forget(folder, "aws_instance.other", on_event=lambda _: None)
    terraform.forget(folder, "aws_instance.this", on_event=lambda _: None)
    assert [call.split()[:2] for call in _calls(tmp_path)[1:]] == [["state", "list"]] * 2 + [["state", "rm"]]
    assert _calls(tmp_path)[-1].endswith(" aws_instance.this")


def test_init_when_it_fails_then_what_it_said_is_in_the_error(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(init="echo 'Error: no such host'; exit 1")
    with pytest.raises(TerraformError, match="terraform init failed: no such host"):
        find_terraform(tmp_path / "h").apply(folder, on_event=lambda _: None)


def test_planned_when_there_are_changes_then_they_are_read_and_exactly_they_are_applied(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(VERSION, OUTPUTS, code=2, shown={"resource_changes": [REPLACED]})
    terraform = find_terraform(tmp_path / "h")
    wish = Wish(replace=('aws_instance.this["node001"]',))
    with terraform.planned(folder, wish, on_event=lambda _: None) as plan:
        assert [(change.node, change.replaces) for change in plan.changes] == [("node001", True)]
        assert not plan.is_empty
        fake(VERSION, OUTPUTS)
        plan.path.touch()
        assert terraform.apply(folder, on_event=lambda _: None, plan=plan) == {"base": {"vpc_id": "vpc-1"}}
    file = folder / "hpcctl.tfplan"
    assert not file.exists()
    assert _calls(tmp_path) == [f"apply -input=false -json -lock-timeout=300s -parallelism=10 {file}"]


def test_planned_when_it_is_asked_for_then_it_goes_to_a_file_and_names_what_to_replace(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(VERSION)
    wish = Wish(replace=("aws_vpc.a", "aws_vpc.b"))
    with find_terraform(tmp_path / "h").planned(folder, wish, on_event=lambda _: None):
        pass
    _, plan, show = _calls(tmp_path)
    assert f"-out={folder}/hpcctl.tfplan -replace=aws_vpc.a -replace=aws_vpc.b" in plan
    assert show.endswith(f"{folder}/hpcctl.tfplan")


def test_planned_when_nothing_would_change_then_the_outputs_are_those_of_the_plan(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(VERSION, shown={"planned_values": {"outputs": {"inventory": {"value": {"hosts": []}}, "new": {}}}})
    terraform = find_terraform(tmp_path / "h")
    with terraform.planned(folder, on_event=lambda _: None) as plan:
        assert terraform.apply(folder, on_event=lambda _: None, plan=plan) == {"inventory": {"hosts": []}}
    assert "apply" not in [call.split()[0] for call in _calls(tmp_path)]


def test_planned_when_something_is_unknown_to_the_state_then_import_blocks_are_there_meanwhile(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(VERSION)
    with find_terraform(tmp_path / "h").planned(
        folder, Wish(strays={"aws_vpc.x": "vpc-1"}), on_event=lambda _: None
    ) as plan:
        assert plan.adopted == ("aws_vpc.x",)
        assert 'id = "vpc-1"' in (folder / "adoption.tf").read_text()
    assert not (folder / "adoption.tf").exists()


def test_adopt_when_the_state_lacks_something_then_it_is_imported_and_nothing_else_touched(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake("aws_vpc.known")
    (folder / "terraform.tfstate").write_text("{}")
    seen: list[str] = []

    def look(event: Event) -> None:
        if event.message == "aws_vpc.known":
            seen.append((folder / "adoption.tf").read_text())

    strays = {"aws_vpc.known": "vpc-1", 'aws_instance.this["head"]': "i-1"}
    adopted = find_terraform(tmp_path / "h").adopt(folder, strays, on_event=look)
    assert adopted == ('aws_instance.this["head"]',)
    assert seen == ['import {\n  to = aws_instance.this["head"]\n  id = "i-1"\n}\n']
    assert _calls(tmp_path)[-1].endswith('-target=aws_instance.this["head"]')
    assert not (folder / "adoption.tf").exists()


def test_adopt_when_everything_is_known_then_terraform_only_lists(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake("aws_vpc.known")
    (folder / "terraform.tfstate").write_text("{}")
    terraform = find_terraform(tmp_path / "h")
    assert terraform.adopt(folder, {"aws_vpc.known": "vpc-1"}, on_event=lambda _: None) == ()
    assert [call.split()[0] for call in _calls(tmp_path)] == ["init", "state"]


def test_planned_when_a_killed_run_left_import_blocks_then_they_play_no_part(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(VERSION)
    (folder / "adoption.tf").write_text("import {}\n")
    with find_terraform(tmp_path / "h").planned(folder, on_event=lambda _: None):
        assert not (folder / "adoption.tf").exists()


def test_output_when_asked_then_the_values(fake: FakeTerraform, folder: Path, tmp_path: Path) -> None:
    fake({"inventory": {"value": {"hosts": []}, "type": "dynamic"}})
    assert find_terraform(tmp_path / "h").output(folder) == {"inventory": {"hosts": []}}


def test_validate_when_something_is_wrong_then_the_diagnostics(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake({"valid": False, "diagnostics": [{"severity": "error", "summary": "Unsupported argument"}]}, code=1)
    found = find_terraform(tmp_path / "h").validate(folder)
    assert [diagnostic.summary for diagnostic in found] == ["Unsupported argument"]


def test_output_when_it_is_no_json_then_an_error(fake: FakeTerraform, folder: Path, tmp_path: Path) -> None:
    fake("nonsense")
    with pytest.raises(TerraformError, match="terraform output failed"):
        find_terraform(tmp_path / "h").output(folder)


def test_apply_when_there_is_no_folder_then_an_error(fake: FakeTerraform, tmp_path: Path) -> None:
    fake(VERSION)
    with pytest.raises(TerraformError, match="there is no folder"):
        find_terraform(tmp_path / "h").apply(tmp_path / "missing", on_event=lambda _: None)


@pytest.mark.parametrize(("nodes", "expected"), [(1, 10), (4, 10), (100, 106)])
def test_parallelism_when_the_cluster_grows_then_all_nodes_at_once(nodes: int, expected: int) -> None:
    assert parallelism_for(nodes) == expected


def test_adopt_when_terraform_died_before_its_first_write_then_the_empty_state_knows_nothing(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake()
    (folder / "terraform.tfstate").touch()
    assert find_terraform(tmp_path / "h").adopt(folder, {"aws_vpc.x": "vpc-1"}, on_event=lambda _: None) == (
        "aws_vpc.x",
    )
    assert "state" not in [call.split()[0] for call in _calls(tmp_path)]


@pytest.mark.fault(
    "kill -9 of hpcctl and of its Terraform",
    "Terraform takes in what an earlier run had made",
    "what it was to take in is asked anew",
)
def test_adopt_when_an_earlier_run_was_killed_then_its_wishes_are_gone(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(VERSION)
    left = folder / "adoption.tf"
    left.write_text('import {\n  to = aws_instance.gone\n  id = "i-gone"\n}\n')
    with find_terraform(tmp_path / "h").planned(folder, Wish(), on_event=lambda event: unseen(left)):
        pass


def unseen(path: Path) -> None:
    assert not path.exists()


def test_init_when_it_fails_then_the_hint_names_the_way_out_of_a_cluster(
    fake: FakeTerraform, folder: Path, tmp_path: Path
) -> None:
    fake(VERSION, init="echo 'Error: Unclosed configuration block' >&2; exit 1")
    own = tmp_path / "clusters" / "demo" / "terraform"
    own.mkdir(parents=True)
    (own / "main.tf").write_text('module "nodes" {')
    with pytest.raises(TerraformError, match="terraform init failed: Unclosed") as caught:
        find_terraform(tmp_path / "h").init(own, on_event=lambda _: None)
    assert "`hpcctl recover --force demo`" in caught.value.hint
    assert str(own.parent / "log" / "terraform.log") in caught.value.hint
    with pytest.raises(TerraformError) as caught:  # no cluster's: nothing to recover
        find_terraform(tmp_path / "h").init(folder, on_event=lambda _: None)
    assert "recover" not in caught.value.hint
