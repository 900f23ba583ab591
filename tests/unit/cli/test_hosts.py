"""``hpcctl hosts``, and ``hpcctl authorize``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hpcctl.lifecycle.authorizing import Admitted
from hpcctl.spec.model import Authorized
from tests.unit.cli.conftest import Hpcctl
from tests.unit.test_roster import KEY, status


def test_hosts_as_a_table_as_json_and_for_people(hpcctl: Hpcctl, home: Path) -> None:
    for name in ("lab-01", "lab-02"):
        status(home, name)
    said = hpcctl("hosts", "--offline", "lab")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()] == [
        "HOST",
        *(f"lab-0{number}-{node}" for number in (1, 2) for node in ("head", "node001")),
    ]
    data = json.loads(hpcctl("hosts", "--offline", "--json", "lab-02").out)
    assert [(one["host"], one["role"], one["class"], one["state"]) for one in data] == [
        ("lab-02-head", "head", "lab", None),
        ("lab-02-node001", "compute", "lab", None),
    ]
    assert hpcctl("hosts").code == 1  # nothing answers there; what is remembered is shown
    assert "Host lab-02\n" in hpcctl("hosts", "--offline", "--format", "seats").out
    assert hpcctl("hosts", "--json", "--format", "names").code == 2


def test_authorize_reads_the_file_first_and_tells_of_each_cluster(
    hpcctl: Hpcctl, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, tuple[Authorized, ...]] = {}

    def authorize(name: str, authorized: tuple[Authorized, ...], *, context: Any) -> Admitted:
        given[name] = authorized
        return Admitted(users=("anna",), added=("anna",), removed=("ben",) if name == "lab-02" else ())

    monkeypatch.setattr("hpcctl.lifecycle.authorizing.authorize", authorize)
    for name in ("lab-01", "lab-02"):
        status(home, name)
    keys = tmp_path / "seats.keys"
    keys.write_text(f"anna {KEY}\nBen {KEY}\n")
    wrong = hpcctl("authorize", "lab", str(keys))
    assert (wrong.code, given) == (2, {})
    assert f"{keys}:2" in wrong.err
    assert "^" in wrong.err  # the line itself, and where in it
    assert hpcctl("authorize", "lab", str(tmp_path / "nowhere")).code == 2
    keys.write_text(f"anna {KEY}\n")
    said = hpcctl("authorize", "lab", str(keys))
    assert said.code == 0
    assert given == dict.fromkeys(("lab-01", "lab-02"), (Authorized(user="anna", public_key=KEY),))
    assert [row.split()[:4] for row in said.out.splitlines()[1:]] == [
        ["lab-01", "anna", "anna", "-"],
        ["lab-02", "anna", "anna", "ben"],
    ]
    assert "removed: ben" in hpcctl("authorize", "lab-02", str(keys)).out
