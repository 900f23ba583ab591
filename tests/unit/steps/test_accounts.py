"""The accounts' scripts, run by a real bash on machines that are folders with a passwd, a shadow and settings."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hpcctl.spec.model import Role
from hpcctl.steps import accounts
from hpcctl.steps.model import Run, Stage, Step
from hpcctl.steps.script import script_for
from hpcctl.steps.view import Account, ClusterView

PROGRAMS = {
    "groupadd": 'echo "$3:x:$2:" >>"$ROOT/etc/group"',
    "useradd": 'echo "${12}:x:$3:$5::$7:$9" >>"$ROOT/etc/passwd"'
    '; echo "${12}:*:20000:0:99999:7:::" >>"$ROOT/etc/shadow"',
    "usermod": 'awk -F: -v OFS=: -v user="$3" -v day="$2" \'$1 == user { $8 = day } 1\' "$ROOT/etc/shadow" >"$ROOT/new"'
    ' && mv "$ROOT/new" "$ROOT/etc/shadow"',
    "getent": 'awk -F: -v id="$2" \'$3 == id { found = 1 } END { exit !found }\' "$ROOT/etc/$1"',
    "id": 'awk -F: -v name="$2" \'$1 == name { found = 1 } END { exit !found }\' "$ROOT/etc/passwd"',
    "stat": 'if [ -d "$ROOT/planted" ]; then echo "anna directory"; else echo "root directory"; fi',
    "chown": ":",
}


@dataclass(frozen=True)
class Machine:
    """A folder with what the scripts look at; /share and /home lead to those of the head."""

    root: Path

    def text(self, path: str) -> str:
        return (self.root / path).read_text()

    def can_log_in(self, user: str) -> bool:
        days = [
            line.split(":")[7] for line in self.text("etc/shadow").splitlines() if line.startswith(f"{user}:")
        ]
        return (self.root / "etc/hpcctl/authorize" / user).exists() and days in ([], [""])

    def run(self, step: Step) -> tuple[str, str]:
        actions = tuple(
            replace(one, command=self._here(one.command), unless=self._here(one.unless))
            for one in step.actions
            if isinstance(one, Run)
        )
        stage = Stage(name="stage", steps=(replace(step, actions=actions),))
        done = subprocess.run(
            ["bash", "-s"],
            input=script_for(stage, Role(step.on.value)),
            text=True,
            capture_output=True,
            env={**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}", "ROOT": str(self.root)},
            timeout=60,
            check=False,
        )
        assert done.stderr == ""
        _, _, state, _, output = done.stdout.rstrip("\n").split("\t")
        return state, base64.b64decode(output).decode()

    def _here(self, text: str) -> str:
        for folder in ("/share/", "/home/", "/etc/", "/run/sshd"):
            text = text.replace(folder, f"{self.root}{folder}")
        return text


Made = Callable[[str], Machine]


@pytest.fixture
def machine(tmp_path: Path) -> Made:
    def make(name: str) -> Machine:
        root = tmp_path / name
        for folder in ("etc/hpcctl", "etc/ssh/sshd_config.d", "etc/skel", "bin"):
            (root / folder).mkdir(parents=True)
        for folder in ("share", "home"):
            (tmp_path / folder).mkdir(exist_ok=True)
            (root / folder).symlink_to(tmp_path / folder)
        (root / "etc/skel/.profile").write_text("hello\n")
        (root / "etc/passwd").write_text(
            "root:x:0:0::/root:/bin/bash\nhpc:x:1500:1500::/home/hpc:/bin/bash\n"
        )
        (root / "etc/group").write_text("root:x:0:\nhpc:x:1500:\n")
        (root / "etc/shadow").write_text("root:*:20000:0:99999:7:::\nhpc:*:20000:0:99999:7:::\n")
        for program, words in PROGRAMS.items():
            (root / "bin" / program).write_text(f"#!/bin/bash\n{words}\n")
            (root / "bin" / program).chmod(0o755)
        return Machine(root)

    return make


def seen(view: ClusterView, **people: str) -> ClusterView:
    return replace(view, accounts=tuple(Account(user=user, keys=(key,)) for user, key in people.items()))


def test_where_nobody_is_named_nothing_is_done(machine: Made, view: ClusterView) -> None:
    head, node = machine("head"), machine("node")
    assert head.run(accounts.on_head(view))[0] == "unchanged"
    assert head.run(accounts.on_head(view, whole=True))[0] == "unchanged"
    assert node.run(accounts.on_nodes(view))[0] == "unchanged"
    assert not [*(head.root / "share").iterdir()]


def test_people_have_the_same_account_everywhere(machine: Made, view: ClusterView) -> None:
    head, node = machine("head"), machine("node")
    both = seen(view, ben="ssh-ed25519 BEN it's ben", anna="ssh-ed25519 ANNA")
    assert head.run(accounts.on_head(both)) == ("changed", "")
    assert node.run(accounts.on_nodes(both)) == ("changed", "")
    assert head.run(accounts.on_head(both))[0] == node.run(accounts.on_nodes(both))[0] == "unchanged"
    assert head.text("share/.hpcctl/accounts") == "ben 1501\nanna 1502\n"
    for one in (head, node):
        assert "ben:x:1501:1501::" in one.text("etc/passwd")
        own = head.text("home/ben/.ssh/id_ed25519.pub")
        assert own.endswith("ben@demo\n")
        assert one.text("etc/hpcctl/authorize/ben") == f"ssh-ed25519 BEN it's ben\n{own}"
        assert one.can_log_in("ben")
        assert "/etc/hpcctl/authorize/%u .ssh/" in one.text("etc/ssh/sshd_config.d/05-hpcctl-authorize.conf")
    assert head.text("home/anna/.profile") == "hello\n"
    assert (head.root / "home/anna").stat().st_mode & 0o777 == 0o700


def test_ids_never_change_and_a_taken_one_is_passed_over(machine: Made, view: ClusterView) -> None:
    head = machine("head")
    head.run(accounts.on_head(seen(view, ben="k")))
    with (head.root / "etc/passwd").open("a") as file:
        file.write("strange:x:1502:1502::/:/bin/sh\n")
    head.run(accounts.on_head(seen(view, anna="k", ben="k"), whole=True))
    assert head.text("share/.hpcctl/accounts") == "ben 1501\nanna 1503\n"
    new = machine("another")  # with the same /share
    assert new.run(accounts.on_head(seen(view, anna="k"))) == ("changed", "")
    assert "ben:x:1501:" in new.text("etc/passwd")
    assert "anna:x:1503:" in new.text("etc/passwd")
    assert not new.can_log_in("ben")  # for its owner was not named


def test_who_is_removed_loses_the_keys_and_nothing_else(machine: Made, view: ClusterView) -> None:
    head, node = machine("head"), machine("node")
    machines = ((head, accounts.on_head), (node, accounts.on_nodes))
    both, one = seen(view, anna="A", ben="B", hpc="H"), seen(view, ben="B2")
    for each, step in machines:
        each.run(step(both))
        assert each.text("etc/hpcctl/authorize/hpc") == "H\n"
    assert head.run(accounts.on_head(one))[0] == "changed"  # ben's key
    assert head.can_log_in("anna")  # configuring takes nothing away
    assert head.run(accounts.on_head(one, whole=True))[0] == "changed"
    assert node.run(accounts.on_nodes(one))[0] == "changed"
    for each, step in machines:
        assert (each.can_log_in("anna"), each.can_log_in("ben"), each.can_log_in("hpc")) == (
            False,
            True,
            False,
        )
        assert each.text("etc/hpcctl/authorize/ben").startswith("B2\n")
        assert (each.root / "home/anna").is_dir()
        assert each.run(step(one))[0] == "unchanged"
    for each, step in machines:  # and back again
        each.run(step(both))
        assert each.can_log_in("anna")


def test_a_user_of_the_image_is_not_taken_over(machine: Made, view: ClusterView) -> None:
    head = machine("head")
    with (head.root / "etc/passwd").open("a") as file:
        file.write("anna:x:1001:1001::/home/anna:/bin/sh\n")
    state, words = head.run(accounts.on_head(seen(view, anna="k")))
    assert state == "failed"
    assert "has a user anna of its own" in words
    assert not head.can_log_in("anna")


def test_a_register_that_a_user_has_laid_there_is_not_believed(machine: Made, view: ClusterView) -> None:
    head = machine("head")
    (head.root / "share/.hpcctl").mkdir()
    (head.root / "planted").mkdir()
    state, words = head.run(accounts.on_head(seen(view, anna="k")))
    assert state == "failed"
    assert "is not a folder of root" in words
