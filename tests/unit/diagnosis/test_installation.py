"""What is wrong with an installation is found where it is, with the command that mends it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hpcctl.diagnosis.installation import installation_checks
from hpcctl.diagnosis.model import Check, Finding, Result, ok, run_checks
from hpcctl.errors import CloudError, Problem, SpecError
from hpcctl.workspace import Workspace
from tests.unit.records import RECORD


def findings(home: Path) -> dict[str, Finding]:
    checked = run_checks(installation_checks(home, ssh_folder=home.parent / "ssh"))
    return {one.name: one.finding for one in checked}


def test_an_empty_home_is_sound(tmp_path: Path) -> None:
    found = findings(tmp_path / "home")
    for name in ("HPCCTL_HOME", "private files", "config.hcl", "~/.ssh/config", "clusters"):
        assert found[name].result is Result.OK, name
    assert not (tmp_path / "home").exists()


def test_an_include_line_of_a_home_that_is_gone_is_removed(tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.mkdir()
    (ssh / "config").write_text('Include "/no/such/home/ssh_config"\nHost mine\n')
    (found,) = (
        check.look()
        for check in installation_checks(tmp_path, ssh_folder=ssh)
        if check.name == "~/.ssh/config"
    )
    assert "removed 1 of a HPCCTL_HOME that is gone" in found.text
    assert (ssh / "config").read_text() == "Host mine\n"


def test_an_ssh_configuration_that_cannot_be_changed_is_left_alone(tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.mkdir()
    text = 'Include "/no/such/home/ssh_config"\n'
    (ssh / "config").write_text(text)
    (ssh / "config").chmod(0o400)
    check = next(one for one in installation_checks(tmp_path, ssh_folder=ssh) if one.name == "~/.ssh/config")
    assert "removed" not in check.look().text
    assert (ssh / "config").read_text() == text
    (ssh / "config").unlink()
    (ssh / "config").symlink_to("config")
    assert check.look().result is Result.OK


def broken_home(home: Path) -> None:
    home.write_text("")


def readable_key(home: Path) -> None:
    Workspace(home=home, name="demo").save(RECORD)
    (home / "clusters" / "demo" / "cluster.json").chmod(0o644)


def broken_configuration(home: Path) -> None:
    home.mkdir()
    (home / "config.hcl").write_text("profile {")


def damaged_record(home: Path) -> None:
    workspace = Workspace(home=home, name="demo")
    workspace.save(RECORD)
    workspace.record_path.write_text("{")


@pytest.mark.parametrize(
    ("spoil", "check", "hint"),
    [
        (broken_home, "HPCCTL_HOME", "HPCCTL_HOME"),
        (readable_key, "private files", "chmod -R go="),
        (broken_configuration, "config.hcl", "expected }"),
        (damaged_record, "clusters", "hpcctl recover demo"),
    ],
)
def test_what_is_wrong_is_a_problem_with_a_way_out(
    tmp_path: Path, spoil: Callable[[Path], None], check: str, hint: str
) -> None:
    spoil(tmp_path / "home")
    found = findings(tmp_path / "home")[check]
    assert found.result is Result.PROBLEM
    assert hint in found.hint


def test_a_home_that_cannot_be_written_is_a_problem() -> None:
    found = findings(Path("/proc/hpcctl"))["HPCCTL_HOME"]
    assert (found.result, found.text.split(":")[0]) == (Result.PROBLEM, "/proc")


def test_one_check_that_fails_holds_no_other_up() -> None:
    def refused() -> Finding:
        raise CloudError("not allowed", hint="ask")

    def unfit() -> Finding:
        raise SpecError([Problem(where="TYPE", what="no such type", hint="another")])

    def full() -> Finding:
        raise OSError(28, "No space left on device", "/somewhere")

    checks = [Check(name=name, look=look) for name, look in (("a", refused), ("b", unfit), ("c", full))]
    first, second, third, last = run_checks([*checks, Check(name="d", look=lambda: ok("fine"))])
    assert (first.finding.text, first.finding.hint) == ("not allowed", "ask")
    assert (second.finding.text, second.finding.hint) == ("no such type", "another")
    assert third.finding.text == "/somewhere: No space left on device"
    assert last.finding == ok("fine")
