"""The summary before a create: who may log in, and for how long."""

from __future__ import annotations

from dataclasses import replace

from hpcctl.cli.preview import preview_json, show_preview
from hpcctl.lifecycle.previewing import Preview
from hpcctl.lifecycle.quoting import Quote
from hpcctl.spec.model import Authorized
from tests.unit.records import CLOUD, FACTS, SPEC


def _seen(*users: str, lifetime: int | None = None) -> Preview:
    keys = tuple(Authorized(user=user, public_key=f"ssh-ed25519 {index}") for index, user in enumerate(users))
    spec = replace(SPEC, authorized=keys, lifetime_seconds=lifetime)
    return Preview(
        spec=spec, cloud=CLOUD, facts=FACTS, quote=Quote(charges=(), bucket_usd=None, day=""), copies=1
    )


def _shown(seen: Preview) -> str:
    lines: list[str] = []
    show_preview(seen, write=lines.append)
    return "\n".join(lines)


def test_people_are_named_once_however_many_keys_they_have() -> None:
    assert "; also anna, ben\n" in _shown(_seen("anna", "anna", "ben"))
    assert "also" not in _shown(_seen())
    assert preview_json(_seen("anna", "anna", "ben"))["authorized"] == ["anna", "ben"]


def test_of_many_the_first_are_named() -> None:
    assert "u7 and 12 more" in _shown(_seen(*(f"u{number}" for number in range(20))))


def test_the_end_of_its_life_is_told() -> None:
    assert "lifetime    12h; then the machines" in _shown(_seen(lifetime=43200))
    assert "lifetime" not in _shown(_seen())
