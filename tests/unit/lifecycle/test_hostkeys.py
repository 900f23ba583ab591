"""Host keys on their way: from every state that a killed run can leave, the next one goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hpcctl.keys import new_key
from hpcctl.lifecycle import hostkeys
from hpcctl.lifecycle.hostkeys import (
    accepted_host_keys,
    confirm_host_keys,
    is_settled,
    new_host_keys,
    prepare_host_keys,
    reset_host_keys,
)
from hpcctl.sshconfig import known_hosts
from hpcctl.workspace import Workspace, write_files

NODES = ("head", "node001")


class Killed(BaseException):
    """What kill -9 is to a test."""


@pytest.fixture
def bootstrap() -> dict[str, tuple[str, ...]]:
    return {node: (" ".join(new_key("").public.split()[:2]),) for node in NODES}


@pytest.fixture
def workspace(tmp_path: Path, bootstrap: dict[str, tuple[str, ...]]) -> Workspace:
    """As `create` leaves it before a machine exists."""
    made = Workspace(home=tmp_path, name="demo")
    text = known_hosts("demo", bootstrap)
    write_files(made.known_hosts.parent, {"known_hosts": text, "bootstrap_hosts": text})
    return made


def shown(workspace: Workspace) -> dict[str, str]:
    """What the nodes show once their step has run."""
    return {node: " ".join(pair.public.split()[:2]) for node, pair in new_host_keys(workspace).items()}


def test_both_keys_are_accepted_until_the_node_shows_the_new_one(
    workspace: Workspace, bootstrap: dict[str, tuple[str, ...]]
) -> None:
    prepare_host_keys(workspace, NODES)
    new = shown(workspace)
    assert accepted_host_keys(workspace) == {node: (new[node], *bootstrap[node]) for node in NODES}
    assert not is_settled(workspace, "head")
    assert workspace.new_host_keys.stat().st_mode & 0o777 == 0o600
    confirm_host_keys(workspace, ["head"])
    assert accepted_host_keys(workspace) == {
        "head": (new["head"],),
        "node001": (new["node001"], *bootstrap["node001"]),
    }
    assert is_settled(workspace, "head")
    assert set(new_host_keys(workspace)) == {"node001"}
    confirm_host_keys(workspace, ["node001"])
    assert not workspace.new_host_keys.exists()
    assert accepted_host_keys(workspace) == {node: (new[node],) for node in NODES}


def test_a_second_run_makes_no_key(workspace: Workspace) -> None:
    prepare_host_keys(workspace, NODES)
    confirm_host_keys(workspace, NODES)
    before = workspace.known_hosts.read_text()
    prepare_host_keys(workspace, NODES)
    assert new_host_keys(workspace) == {}
    assert workspace.known_hosts.read_text() == before


@pytest.mark.parametrize("survived", [0, 1, 2])
@pytest.mark.parametrize("step", [prepare_host_keys, confirm_host_keys, reset_host_keys])
def test_killed_between_any_two_writes_then_the_same_again_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, step: Callable[..., None], survived: int
) -> None:
    """Whichever key a node shows at that moment (the former or the new one), it stays accepted."""
    if step is not prepare_host_keys:
        prepare_host_keys(workspace, NODES)
    if step is reset_host_keys:
        confirm_host_keys(workspace, ["head"])
    accepted, coming = accepted_host_keys(workspace), shown(workspace)
    writes = 0

    def mortal(folder: Path, files: dict[str, str]) -> None:
        nonlocal writes
        if writes == survived:
            raise Killed
        writes += 1
        write_files(folder, files)

    with monkeypatch.context() as patched:
        patched.setattr(hostkeys, "write_files", mortal)
        try:
            step(workspace, NODES)
        except Killed:
            assert survived < 2
    for node in NODES:
        now = accepted_host_keys(workspace)[node]
        if step is confirm_host_keys:
            assert coming[node] in now  # the nodes show it: that is what is being confirmed
        else:
            assert set(accepted[node]) <= set(now)
    if step is reset_host_keys:
        reset_host_keys(workspace, NODES)
    prepare_host_keys(workspace, NODES)
    final = {**{node: keys[0] for node, keys in accepted_host_keys(workspace).items()}, **shown(workspace)}
    confirm_host_keys(workspace, NODES)
    assert accepted_host_keys(workspace) == {node: (key,) for node, key in final.items()}
    assert all(is_settled(workspace, node) for node in NODES)
    assert not workspace.new_host_keys.exists()


def test_a_pair_that_a_node_may_have_already_is_used_again(workspace: Workspace) -> None:
    prepare_host_keys(workspace, NODES)
    before = new_host_keys(workspace)
    prepare_host_keys(workspace, NODES)
    assert new_host_keys(workspace) == before


def test_a_node_that_is_made_again_begins_with_its_bootstrap_key(
    workspace: Workspace, bootstrap: dict[str, tuple[str, ...]]
) -> None:
    prepare_host_keys(workspace, NODES)
    confirm_host_keys(workspace, NODES)
    own = accepted_host_keys(workspace)
    reset_host_keys(workspace, ["node001"])
    assert accepted_host_keys(workspace) == {
        "head": own["head"],
        "node001": (*own["node001"], *bootstrap["node001"]),
    }
    prepare_host_keys(workspace, NODES)
    assert set(new_host_keys(workspace)) == {"node001"}
    confirm_host_keys(workspace, NODES)
    assert accepted_host_keys(workspace)["node001"] not in {own["node001"], bootstrap["node001"]}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"head": {}}', '{"head": 1}'])
def test_damaged_pairs_are_made_again_and_nothing_is_locked_out(workspace: Workspace, text: str) -> None:
    prepare_host_keys(workspace, NODES)
    before = accepted_host_keys(workspace)
    workspace.new_host_keys.write_text(text)
    prepare_host_keys(workspace, NODES)
    for node in NODES:
        assert set(before[node]) < set(accepted_host_keys(workspace)[node])
        assert accepted_host_keys(workspace)[node][0] == shown(workspace)[node]
