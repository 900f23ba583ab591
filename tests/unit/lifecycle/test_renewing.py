"""What the clouds say goes into the records; the firewall follows this machine; strangers are named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hpcctl.errors import CloudError, UnreachableError
from hpcctl.lifecycle import renewing
from hpcctl.lifecycle.renewing import renew
from hpcctl.logins import config_path, publish
from hpcctl.stores.team import SharedNames
from hpcctl.workspace import Workspace
from tests.unit.records import CLOUD, RECORD
from tests.unit.test_overview import instance


def saved(home: Path) -> Workspace:
    workspace = Workspace(home=home, name="demo")
    workspace.save(RECORD)
    return workspace


def test_new_addresses_are_saved_and_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = saved(tmp_path)
    monkeypatch.setattr(renewing, "instances", lambda *_: (instance("head", public_ip="127.7.7.7"),))
    (first,) = renew(tmp_path).clusters
    assert (first.name, first.addresses, first.problem) == ("demo", True, "")
    inventory = workspace.load().inventory
    assert inventory
    assert [host.public_ip for host in inventory.hosts] == ["127.7.7.7", None]
    assert inventory.hosts[1].private_ip == "10.0.0.11"
    assert not renew(tmp_path).clusters[0].addresses
    assert publish(tmp_path, ssh_folder=tmp_path / "ssh") == ()
    assert "HostName 127.7.7.7" in config_path(tmp_path).read_text()


@pytest.mark.usefixtures("unobserved")
def test_a_cluster_in_use_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = saved(tmp_path)
    monkeypatch.setattr(renewing, "instances", lambda *_: ())
    with workspace.lock("terminate"):
        (only,) = renew(tmp_path).clusters
    assert "in use by hpcctl terminate" in only.problem
    assert workspace.load() == RECORD


def test_an_unreachable_cloud_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = saved(tmp_path)

    def nobody(*_: object) -> None:
        raise UnreachableError("nothing answers")

    monkeypatch.setattr(renewing, "instances", nobody)
    assert renew(tmp_path).clusters[0].problem == "nothing answers"
    assert workspace.load() == RECORD


def test_a_damaged_and_an_unfinished_cluster_hold_nobody_up(tmp_path: Path) -> None:
    saved(tmp_path).record_path.write_text("{")
    Workspace(home=tmp_path, name="wing").save(replace(RECORD, inventory=None))
    damaged, unfinished = renew(tmp_path).clusters
    assert damaged.problem
    assert (unfinished.problem, unfinished.note) == ("", "it has no machines yet")
    publish(tmp_path, ssh_folder=tmp_path / "ssh")
    assert "Host " not in config_path(tmp_path).read_text()


def test_a_cluster_of_mine_that_is_not_known_here_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (
        instance("head"),
        replace(instance("head"), cluster="wing", cluster_id="11111111", owner="me"),
        replace(instance("node001"), cluster="wing", cluster_id="11111111", owner="me"),
        replace(instance("head"), cluster="foil", cluster_id="22222222", owner="somebody"),
    )
    saved(tmp_path)
    monkeypatch.setattr(renewing, "instances", lambda *_: found)
    monkeypatch.setattr(renewing, "shared_names", lambda *_: SharedNames())
    (stranger,) = renew(tmp_path, besides=CLOUD).strangers
    assert (stranger.name, stranger.cluster_id, stranger.nodes) == ("wing", "11111111", 2)
    assert not stranger.shared
    monkeypatch.setattr(renewing, "shared_names", lambda *_: SharedNames(names=frozenset({"wing"})))
    assert [one.shared for one in renew(tmp_path, besides=CLOUD).strangers] == [True]


def test_a_bucket_that_does_not_answer_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_: object) -> None:
        raise CloudError("slow down")

    found = (replace(instance("head"), cluster="wing", cluster_id="11111111", owner="me"),)
    monkeypatch.setattr(renewing, "instances", lambda *_: found)
    monkeypatch.setattr(renewing, "shared_names", nobody)
    renewal = renew(tmp_path, besides=CLOUD)
    assert [one.name for one in renewal.strangers] == ["wing"]
    assert renewal.warnings == ("which clusters are shared is not known: slow down",)


def _must_not_be_asked(*_: object) -> None:
    raise AssertionError("nothing is strange, so there is nothing to ask")


def test_a_cluster_whose_record_is_damaged_is_no_stranger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path).record_path.write_text("{")
    monkeypatch.setattr(renewing, "instances", lambda *_: (replace(instance("head"), owner="me"),))
    monkeypatch.setattr(renewing, "shared_names", _must_not_be_asked)
    assert renew(tmp_path, besides=CLOUD).strangers == ()
