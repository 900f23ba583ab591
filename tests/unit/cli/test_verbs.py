"""The verbs against clusters that are remembered and a cloud that does not answer."""

from __future__ import annotations

import importlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from hpcctl.aws import InstanceState
from hpcctl.cli.listing import ends
from hpcctl.errors import HostFailure, HostsFailed, TerraformError
from hpcctl.lifecycle.configuring import CheckResult
from hpcctl.overview import ClusterStatus
from hpcctl.spec.model import Cloud, Role
from hpcctl.state import ClusterRecord
from hpcctl.workspace import Entry, Workspace
from tests.unit.cli.conftest import Hpcctl
from tests.unit.records import FACTS, RECORD, SPEC


def test_list_works_without_any_cluster(hpcctl: Hpcctl) -> None:
    said = hpcctl("list")
    assert (said.code, said.out) == (0, "")
    assert "no clusters" in said.err
    assert hpcctl("list", "--json").out == "[]\n"


def test_list_shows_what_it_knows_of_an_unreachable_and_a_damaged_cluster(
    hpcctl: Hpcctl, home: Path, demo: Workspace
) -> None:
    broken = Workspace(home=home, name="broken")
    broken.save(RECORD)
    broken.record_path.write_text("{")
    said = hpcctl("list")
    assert said.code == 0
    header, first, second = said.out.splitlines()
    assert header.split() == [
        *("NAME", "STATE", "NODES", "TYPE", "AGE", "$/HOUR", "COST", "PROFILE", "REGION")
    ]
    assert first.split()[:3] == ["broken", "damaged", "?"]
    assert second.split()[:4] == ["demo", "unreachable", "2", "c5.xlarge"]
    assert str(broken.record_path) in said.err
    data = {one["name"]: one for one in json.loads(hpcctl("list", "--json").out)}
    assert data["demo"]["state"] == "unreachable"
    assert data["demo"]["running"] is None
    assert data["broken"]["nodes"] is None


def test_show_of_an_unreachable_cluster_tells_what_is_remembered_and_ends_with_1(
    hpcctl: Hpcctl, demo: Workspace
) -> None:
    said = hpcctl("show", demo.name)
    assert said.code == 1
    assert "unreachable" in said.out
    assert "hpcctl-permanent" in said.out
    assert "node001" in said.out
    assert "nothing answers at" in said.err
    data = json.loads(hpcctl("info", "demo", "--json").out)
    assert [host["name"] for host in data["hosts"]] == ["head", "node001"]
    assert data["bucket"] == "hpcctl-permanent"


@pytest.mark.parametrize(
    "verb",
    [["show"], ["ssh"], ["check"], ["terminate", "--yes"], ["stop"], ["start"], ["restart"], ["configure"]],
)
def test_an_unknown_cluster_is_answered_with_the_nearest(
    hpcctl: Hpcctl, demo: Workspace, verb: list[str]
) -> None:
    said = hpcctl(*verb, "dmeo")
    assert said.code == 1
    assert "no cluster is called 'dmeo'" in said.err
    assert f"did you mean {demo.name}?" in said.err


@pytest.mark.parametrize("name", ["../demo", "/etc", "", ".", "a b", "x\x00"])
def test_a_path_is_no_name(hpcctl: Hpcctl, home: Path, name: str) -> None:
    for verb in (["show"], ["check"], ["ssh"], ["terminate", "--yes", "--missing-ok"]):
        said = hpcctl(*verb, name)
        assert said.code == 1
        assert f"no cluster is called {name!r}" in said.err
    assert not home.exists()


def test_a_home_that_cannot_be_written_is_a_sentence(
    hpcctl: Hpcctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HPCCTL_HOME", str(tmp_path / "file" / "home"))
    said = hpcctl("update-ssh")
    assert said.code == 1
    assert str(tmp_path / "file") in said.err
    assert "HPCCTL_HOME" in said.err
    assert "Traceback" not in said.err


def test_create_tells_every_mistake_at_once_and_makes_nothing(hpcctl: Hpcctl, home: Path) -> None:
    said = hpcctl("create", "Demo", "0", "c5", "3", "--user", "root", "--tag", "x", "--key", "/nowhere.pub")
    assert said.code == 2
    wheres = [line.split(": ")[1] for line in said.err.splitlines() if line.startswith("error: ")]
    assert wheres == ["NAME", "NODES", "TYPE", "SHARE_GB", "--user", "--tag x", "--key /nowhere.pub"]
    assert not home.exists()


def test_create_of_an_unknown_profile_names_the_profiles(hpcctl: Hpcctl) -> None:
    for words in (["--profile", "nope", "create"], ["create", "--profile", "nope"]):
        said = hpcctl(*words, "demo", "2", "c5.xlarge", "4")
        assert said.code == 2
        assert "no profile is called 'nope'" in said.err
        assert "sandbox" in said.err


@pytest.fixture
def lab(home: Path) -> None:
    """A profile that needs no network."""
    home.mkdir(parents=True)
    (home / "config.hcl").write_text(
        'profile "lab" {\n  region = "us-east-1"\n  endpoint_url = "http://127.0.0.1:1"\n}\n'
    )


Creating = Callable[[Callable[[Any], ClusterRecord]], None]


@pytest.fixture
def creating(monkeypatch: pytest.MonkeyPatch) -> Creating:
    """Put something else in the place of the lifecycle's create."""
    module = importlib.import_module("hpcctl.lifecycle.creating")

    def put(function: Callable[[Any], ClusterRecord]) -> None:
        monkeypatch.setattr(module, "create", lambda request, *, context: function((request, context)))

    return put


@pytest.mark.usefixtures("lab")
def test_create_hands_the_request_on_and_says_how_to_log_in(
    hpcctl: Hpcctl, home: Path, tmp_path: Path, creating: Creating
) -> None:
    asked: list[Any] = []

    def done(given: Any) -> ClusterRecord:
        asked.append(given[0])
        with given[1].progress.phase("terraform"), given[1].progress.phase("apply"):
            pass
        Workspace(home=home, name="demo").save(RECORD)
        return RECORD

    creating(done)
    key = tmp_path / "me.pub"
    key.write_text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me\n")
    words = ["demo", "2", "c5.xlarge", "50", "--tag", "project=wing", "--key", str(key), "--timings"]
    said = hpcctl("create", "--profile", "lab", *words)
    assert said.code == 0, said.err
    assert "ssh demo" in said.out
    assert "  apply" in said.out
    assert asked[0].cloud.profile == "lab"
    assert asked[0].spec == replace(SPEC, public_key=key.read_text().strip())
    assert asked[0].key_file == str(key)
    timings = Workspace(home=home, name="demo").load().timings
    assert [(timing.name, timing.depth) for timing in timings] == [("terraform", 0), ("apply", 1)]
    assert "Host demo demo-head" in (home / "ssh_config").read_text()
    config = tmp_path / "user" / ".ssh" / "config"
    assert config.read_text() == f'Include "{home / "ssh_config"}"\n'


@pytest.mark.usefixtures("lab")
def test_a_create_that_made_nothing_leaves_ssh_alone(
    hpcctl: Hpcctl, home: Path, tmp_path: Path, creating: Creating
) -> None:
    def refused(_: Any) -> ClusterRecord:
        raise TerraformError("no", hint="see the log")

    creating(refused)
    said = hpcctl("create", "--profile", "lab", "demo", "2", "c5.xlarge", "50")
    assert said.code == 3
    assert not (tmp_path / "user" / ".ssh").exists()


@pytest.mark.usefixtures("lab")
def test_hosts_that_failed_are_named_with_what_they_wrote(
    hpcctl: Hpcctl, home: Path, creating: Creating
) -> None:
    def half(_: Any) -> ClusterRecord:
        Workspace(home=home, name="demo").save(RECORD)
        failure = HostFailure(host="node001", step="mount /share", output="a\nno route", hint="look at it")
        raise HostsFailed([failure], hint="the cluster is up")

    creating(half)
    said = hpcctl("create", "--profile", "lab", "demo", "2", "c5.xlarge", "50")
    assert said.code == 4
    for text in ("node001: mount /share failed", "no route", "look at it", "the cluster is up"):
        assert text in said.err
    assert (home / "ssh_config").exists()


@pytest.mark.usefixtures("lab")
def test_a_dry_run_shows_the_facts_and_makes_nothing(
    hpcctl: Hpcctl, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hpcctl.aws.preflight", lambda *_, **__: FACTS)
    said = hpcctl("create", "--dry-run", "--profile", "lab", "demo", "2", "c5.xlarge", "50")
    assert said.code == 0
    assert "ami-0123456789abcdef0" in said.out
    assert "8 in all" in said.out
    assert "the Price List API does not answer" in said.out
    assert [path.name for path in home.iterdir()] == ["config.hcl"]


def test_terminate_needs_a_yes(hpcctl: Hpcctl, demo: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    said = hpcctl("terminate", "demo")
    assert said.code == 2
    assert "/share" in said.err
    assert "/permanent is kept" in said.err
    assert "--yes" in said.err
    assert demo.exists()


def test_terminate_goes_on_with_the_others_when_one_fails(
    hpcctl: Hpcctl, home: Path, demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bad", "wing"):
        Workspace(home=home, name=name).save(replace(RECORD, spec=replace(SPEC, name=name)))

    def terminate(name: str, *, context: Any) -> None:
        if name == "bad":
            raise TerraformError("it is stuck")
        Workspace(home=context.home, name=name).remove()

    monkeypatch.setattr("hpcctl.lifecycle.terminating.terminate", terminate)
    said = hpcctl("terminate", "--yes", "bad", "demo", "wing", "demo")
    assert said.code == 3
    assert said.out.splitlines() == ["demo is terminated", "wing is terminated"]
    assert "it is stuck" in said.err
    assert not demo.exists()
    assert "Host bad bad-head" in (home / "ssh_config").read_text()
    assert "demo" not in (home / "ssh_config").read_text()


def test_terminate_removes_nothing_when_one_name_is_wrong(hpcctl: Hpcctl, demo: Workspace) -> None:
    said = hpcctl("terminate", "--yes", "demo", "wnig")
    assert said.code == 1
    assert demo.exists()


def test_a_missing_cluster_can_be_all_right(hpcctl: Hpcctl) -> None:
    assert hpcctl("terminate", "--yes", "--missing-ok", "demo").code == 0


def checks(*passed: bool) -> tuple[CheckResult, ...]:
    return tuple(
        CheckResult(
            host="head", check=f"check {number}", passed=good, seconds=1.5, message="why", hint="do this"
        )
        for number, good in enumerate(passed)
    )


@pytest.mark.parametrize(("passed", "code"), [((True, True), 0), ((True, False), 4)])
@pytest.mark.usefixtures("demo")
def test_check_ends_with_4_when_one_fails(
    hpcctl: Hpcctl, monkeypatch: pytest.MonkeyPatch, passed: tuple[bool, ...], code: int
) -> None:
    monkeypatch.setattr("hpcctl.lifecycle.checking.check", lambda *_, **__: checks(*passed))
    said = hpcctl("check", "demo")
    assert said.code == code
    assert ("do this" in said.err) is (code == 4)
    data = json.loads(hpcctl("check", "demo", "--json").out)
    assert [one["passed"] for one in data] == list(passed)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["demo"], ["demo-head", "--"]),
        (["demo", "node001"], ["demo-node001", "--"]),
        (["demo", "demo-node001"], ["demo-node001", "--"]),
        (["demo", "--", "ls", "-l", "--", "a b"], ["demo-head", "--", "ls", "-l", "--", "a b"]),
        (["demo", "node001", "--", "exit 7"], ["demo-node001", "--", "exit 7"]),
    ],
)
def test_ssh_runs_the_systems_ssh_and_passes_its_exit_code_on(
    home: Path, demo: Workspace, tmp_path: Path, words: list[str], expected: list[str]
) -> None:
    assert demo.exists()
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\ncat\nexit 7\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "hpcctl", "ssh", *words]
    done = subprocess.run(
        command, env=environment, input="from stdin", capture_output=True, text=True, check=False
    )
    assert done.returncode == 7, done.stderr
    assert done.stdout.splitlines() == ["-F", str(home / "ssh_config"), *expected, "from stdin"]


def test_ssh_to_an_unknown_node_names_the_nearest(hpcctl: Hpcctl, demo: Workspace) -> None:
    said = hpcctl("ssh", demo.name, "node01")
    assert said.code == 2
    assert "did you mean node001?" in said.err


def test_update_ssh_keeps_the_old_addresses_where_a_cloud_does_not_answer(
    hpcctl: Hpcctl, home: Path, demo: Workspace
) -> None:
    said = hpcctl("update-ssh")
    assert said.code == 1
    assert "demo: nothing answers at" in said.err
    assert "HostName 127.1.2.3" in (home / "ssh_config").read_text()
    assert demo.load() == RECORD


def test_update_ssh_warns_of_a_config_that_cannot_be_written(
    hpcctl: Hpcctl, home: Path, tmp_path: Path
) -> None:
    config = tmp_path / "user" / ".ssh" / "config"
    config.parent.mkdir()
    config.write_text("Host demo\n")
    config.chmod(0o400)
    said = hpcctl("update-ssh")
    assert said.code == 0
    assert f'Include "{home / "ssh_config"}"' in said.err
    assert config.read_text() == "Host demo\n"


def test_the_sandbox_is_started_for_create_and_not_for_a_dry_run(
    hpcctl: Hpcctl, monkeypatch: pytest.MonkeyPatch, creating: Creating
) -> None:
    calls: list[str] = []

    class Sandbox:
        @staticmethod
        def ensure_up(*_: object, **__: object) -> None:
            calls.append("up")

        @staticmethod
        def cloud(_: Path) -> Cloud:
            return replace(RECORD.cloud, profile="sandbox")

    monkeypatch.setattr("hpcctl.optional.sandbox_package", lambda: Sandbox)
    monkeypatch.setattr("hpcctl.aws.preflight", lambda *_, **__: FACTS)
    monkeypatch.setenv("HPCCTL_PROFILE", "sandbox")
    assert hpcctl("create", "--dry-run", "demo", "2", "c5.xlarge", "50").code == 0
    assert calls == []

    def refused(given: Any) -> ClusterRecord:
        assert given[0].cloud.profile == "sandbox"
        raise TerraformError("enough")

    creating(refused)
    assert hpcctl("create", "demo", "2", "c5.xlarge", "50").code == 3
    assert calls == ["up"]
    said = hpcctl("create", "--region", "eu-west-1", "demo", "2", "c5.xlarge", "50")
    assert said.code == 2
    assert "the sandbox is in us-east-1" in said.err


@pytest.mark.fault("$HPCCTL_HOME is a file", "every verb", "said at once, with what to do")
@pytest.mark.parametrize("verb", [["list"], ["show", "demo"], ["update-ssh"], ["terminate", "--yes", "demo"]])
def test_a_home_that_is_a_file_is_told_and_is_not_an_empty_home(
    hpcctl: Hpcctl, home: Path, verb: list[str]
) -> None:
    home.write_text("not a folder")
    said = hpcctl(*verb)
    assert said.code == 1
    assert str(home) in said.err
    assert "HPCCTL_HOME" in said.err
    assert "no clusters" not in said.err
    assert "Traceback" not in said.err


def test_a_configuration_that_is_a_folder_is_told(hpcctl: Hpcctl, home: Path) -> None:
    (home / "config.hcl").mkdir(parents=True)
    said = hpcctl("--profile", "lab", "create", "demo", "2", "c5.xlarge", "4")
    assert said.code == 2
    assert f"{home / 'config.hcl'} cannot be read: Is a directory" in said.err


@pytest.mark.fault(
    "kill -9 of hpcctl", "terminate: the ssh entries are written", "the same command finishes it"
)
def test_terminate_when_it_was_killed_at_its_very_end_then_it_is_finished(hpcctl: Hpcctl, home: Path) -> None:
    for name in ("one", "two"):
        workspace = Workspace(home=home, name=name)
        workspace.save(RECORD)
        workspace.remove(swept=False)
    (home / "ssh_config").write_text("Host one two\n")
    said = hpcctl("terminate", "--yes", "one", "two")
    assert (said.code, said.out) == (0, "one is terminated\ntwo is terminated\n")
    assert list((home / "clusters").iterdir()) == []
    assert "Host one" not in (home / "ssh_config").read_text()
    assert hpcctl("terminate", "--yes", "one").code == 1


def test_terminate_when_one_name_is_unknown_then_nothing_is_removed(hpcctl: Hpcctl, demo: Workspace) -> None:
    said = hpcctl("terminate", "--yes", "demo", "nope")
    assert said.code == 1
    assert "no cluster is called 'nope'" in said.err
    assert demo.exists()


def test_extend_wants_a_length_of_time_and_a_cluster_that_has_an_end(hpcctl: Hpcctl, demo: Workspace) -> None:
    said = hpcctl("extend", demo.name, "soon")
    assert said.code == 2
    assert "such as 90m, 12h" in said.err
    said = hpcctl("extend", demo.name, "2h")
    assert said.code == 1
    assert "demo has no lifetime" in said.err


@pytest.mark.parametrize(("state", "words"), [("running", "in 5 h"), ("stopped", "")])
def test_list_says_when_a_cluster_that_runs_switches_itself_off(
    demo: Workspace, state: str, words: str
) -> None:
    now = datetime.now(timezone.utc)
    record = replace(RECORD, expires=(now + timedelta(hours=5, minutes=30)).isoformat())
    head = InstanceState(
        instance_id="i-1",
        name="demo-head",
        cluster="demo",
        cluster_id=RECORD.cluster_id,
        node="head",
        role=Role.HEAD,
        state=state,
        instance_type="c5.xlarge",
        zone="us-east-1a",
        private_ip="10.0.0.10",
        public_ip=None,
        launch_time=now,
        volumes=(),
        share_volume=None,
        owner="me",
    )
    status = ClusterStatus(entry=Entry(workspace=demo, record=record), state=state, instances=(head,))
    assert ends(status, brief=True) == words
