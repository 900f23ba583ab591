"""Scripts made from steps, run by a real bash on files of this test's own."""

import base64
import getpass
import grp
import os
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcctl.spec.model import Role
from hpcctl.steps.model import Action, On, Put, Run, Stage, Step, WaitFor, WhenChanged
from hpcctl.steps.script import script_for

OWNER = f"{getpass.getuser()}:{grp.getgrgid(os.getgid()).gr_name}"


def run(*actions: Action) -> tuple[str, str]:
    """State and output of one step with these actions."""
    stage = Stage(name="stage", steps=(Step(name="a step", on=On.ALL, actions=actions),))
    done = subprocess.run(
        ["bash", "-s"],
        input=script_for(stage, Role.HEAD),
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    mark, name, state, _, output = done.stdout.rstrip("\n").split("\t")
    assert (mark, name) == ("@@", "a step")
    return state, base64.b64decode(output).decode()


def test_put_twice_changes_once(tmp_path: Path) -> None:
    put = Put(path=str(tmp_path / "folder" / "file"), content="one\n", mode="0640", owner=OWNER)
    assert run(put)[0] == "changed"
    assert run(put)[0] == "unchanged"
    assert (tmp_path / "folder" / "file").read_text() == "one\n"
    assert (tmp_path / "folder" / "file").stat().st_mode & 0o777 == 0o640


def test_put_repairs_a_mode_that_drifted(tmp_path: Path) -> None:
    put = Put(path=str(tmp_path / "file"), content="secret", mode="0600", owner=OWNER)
    run(put)
    (tmp_path / "file").chmod(0o644)
    assert run(put)[0] == "changed"
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


@settings(max_examples=25, deadline=None)
@given(content=st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r")))
def test_put_takes_any_text_literally(tmp_path_factory: pytest.TempPathFactory, content: str) -> None:
    path = tmp_path_factory.mktemp("put") / "a 'name' with $(words)"
    assert run(Put(path=str(path), content=content, owner=OWNER))[0] == "changed"
    assert path.read_text().rstrip("\n") == content.rstrip("\n")


def test_run_is_left_out_where_its_test_succeeds(tmp_path: Path) -> None:
    touch = Run(command=f"touch '{tmp_path}/made'", unless=f"test -e '{tmp_path}/made'")
    assert run(touch)[0] == "changed"
    assert run(touch)[0] == "unchanged"


def test_run_stops_at_the_first_failure_and_tells_its_output(tmp_path: Path) -> None:
    state, output = run(Run(command=f"echo why; false; touch '{tmp_path}/later'", unless="false"))
    assert state == "failed"
    assert "why" in output
    assert not (tmp_path / "later").exists()


def test_when_changed_follows_changes_alone(tmp_path: Path) -> None:
    actions = (
        Put(path=str(tmp_path / "file"), content="x", owner=OWNER),
        WhenChanged(command=f"echo again >>'{tmp_path}/count'"),
    )
    run(*actions)
    run(*actions)
    assert (tmp_path / "count").read_text() == "again\n"


def test_wait_for_fails_with_its_hint() -> None:
    state, output = run(WaitFor(condition="false", seconds=0, hint="look there"))
    assert state == "failed"
    assert "look there" in output


def test_a_failed_step_ends_the_script(tmp_path: Path) -> None:
    bad = Step(name="bad", on=On.ALL, actions=(Run(command="false", unless="false"),))
    later = Step(name="later", on=On.ALL, actions=(Run(command=f"touch '{tmp_path}/x'", unless="false"),))
    script = script_for(Stage(name="s", steps=(bad, later)), Role.HEAD)
    done = subprocess.run(["bash", "-s"], input=script, text=True, capture_output=True, check=False)
    assert done.stdout.count("@@") == 1
    assert not (tmp_path / "x").exists()


def test_a_role_with_nothing_to_do_gets_no_script() -> None:
    stage = Stage(name="s", steps=(Step(name="a", on=On.HEAD, actions=()),))
    assert script_for(stage, Role.COMPUTE) == ""
    assert "begin a" in script_for(stage, Role.HEAD)


def test_a_daemon_does_not_hold_up_the_script(tmp_path: Path) -> None:
    started = Run(command=f"sleep 300 & echo $! >'{tmp_path}/pid'", unless=f"test -e '{tmp_path}/pid'")
    try:
        assert run(started)[0] == "changed"  # run() has a time limit: whoever reads to the end must get there
    finally:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_a_command_cannot_read_the_script(tmp_path: Path) -> None:
    assert (
        run(Run(command="cat >/dev/null", unless="false"), Run(command="true", unless="false"))[0]
        == "changed"
    )


@pytest.mark.skipif(os.getuid() != 0, reason="the lock lies where root alone may write")
def test_two_runs_on_one_host_take_turns(tmp_path: Path) -> None:
    marks = f"mkdir '{tmp_path}/here' && for i in {{1..20000}}; do :; done && rmdir '{tmp_path}/here'"
    step = Step(name="a step", on=On.ALL, actions=(Run(command=marks, unless="false"),))
    script = script_for(Stage(name="s", steps=(step,)), Role.HEAD)
    runs = [
        subprocess.Popen(["bash", "-s"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for one in runs:
        assert one.stdin
        one.stdin.write(script)
        one.stdin.close()
    for one in runs:
        with one:
            assert one.stdout
            assert "changed" in one.stdout.read()


def test_what_a_command_tells_goes_with_the_end_of_its_step() -> None:
    assert run(Run(command="tell 'two words' && tell more", unless="false")) == (
        "changed",
        "two words\nmore\n",
    )
    assert run(Run(command="tell never", unless="true")) == ("unchanged", "")
