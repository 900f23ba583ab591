"""What a plan would do, from the JSON of ``terraform show``. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_QUIET = (["no-op"], ["read"])


@dataclass(frozen=True, kw_only=True)
class PlannedChange:
    """What would happen to one resource.

    ``actions`` are Terraform's: create, update, delete. ``kind`` is the resource's type, ``node`` the key of a
    resource that there is for each node. ``attributes`` are the names of those that differ; for a replacement,
    of those that make it necessary. ``cause`` is Terraform's word for why, such as replace_because_tainted.
    """

    address: str
    actions: tuple[str, ...]
    kind: str
    node: str = ""
    attributes: tuple[str, ...] = ()
    cause: str = ""

    @property
    def destroys(self) -> bool:
        """Would what is there now be gone?"""
        return "delete" in self.actions

    @property
    def replaces(self) -> bool:
        """Would another one take its place?"""
        return self.destroys and "create" in self.actions

    @property
    def words(self) -> str:
        """For people who know Terraform."""
        what = f" ({', '.join(self.attributes)})" if self.attributes else ""
        return f"{self.address}: {' and '.join(self.actions)}{what}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan that was written to ``path``; ``is_empty``: there is nothing to apply, the outputs included.

    ``adopted`` are the addresses that it takes into the state.
    """

    path: Path
    is_empty: bool
    changes: tuple[PlannedChange, ...] = ()
    adopted: tuple[str, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict, repr=False)


def parse_changes(shown: Mapping[str, Any]) -> tuple[PlannedChange, ...]:
    """The changes in the answer of ``terraform show -json PLANFILE``."""
    return tuple(_changes(shown.get("resource_changes", ())))


def parse_outputs(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs whose values are known before anything is applied."""
    outputs = shown.get("planned_values", {}).get("outputs", {})
    return {name: output["value"] for name, output in outputs.items() if "value" in output}


def _changes(resources: Any) -> Iterator[PlannedChange]:
    for resource in resources:
        change = resource["change"]
        if resource.get("mode", "managed") != "managed" or change["actions"] in _QUIET:
            continue
        key = resource.get("index")
        yield PlannedChange(
            address=resource["address"],
            actions=tuple(change["actions"]),
            kind=resource["type"],
            node=key if isinstance(key, str) else "",
            attributes=_attributes(change),
            cause=resource.get("action_reason", ""),
        )


def _attributes(change: Mapping[str, Any]) -> tuple[str, ...]:
    """Names alone: values may be secret."""
    paths = change.get("replace_paths")
    if paths:
        return tuple(dict.fromkeys(str(path[0]) for path in paths))
    before, after = change.get("before") or {}, change.get("after") or {}
    if not before or not after:
        return ()
    unknown = change.get("after_unknown") or {}
    return tuple(
        name for name in sorted({*before, *after}) if before.get(name) != after.get(name) or unknown.get(name)
    )
