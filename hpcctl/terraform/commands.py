"""Command lines, built by python-terraform: the only module that imports it. It runs nothing for us."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

LOCK_TIMEOUT = "300s"
"""How long to wait for another Terraform in the same folder: one that outlived a killed hpcctl, say."""


def init(binary: Path) -> list[str]:
    """Providers and modules, without a word of colour."""
    return _build(binary, "init", input=False, no_color=_flag())


def validate(binary: Path) -> list[str]:
    """The check of the configuration alone."""
    return _build(binary, "validate", json=_flag(), no_color=_flag())


def plan(binary: Path, parallelism: int, *, out: Path, replace: Sequence[str] = ()) -> list[str]:
    """What would change, written to ``out``; exit code 2 says that something would."""
    return _build(
        binary,
        "plan",
        input=False,
        json=_flag(),
        detailed_exitcode=_flag(),
        lock_timeout=LOCK_TIMEOUT,
        parallelism=parallelism,
        out=str(out),
        replace=list(replace),
    )


def show(binary: Path, plan_file: Path) -> list[str]:
    """A plan that was written, as JSON."""
    return [*_build(binary, "show", json=_flag(), no_color=_flag()), str(plan_file)]


def apply_plan(binary: Path, parallelism: int, *, plan_file: Path) -> list[str]:
    """Carry out that plan and nothing else."""
    command = _build(
        binary, "apply", input=False, json=_flag(), lock_timeout=LOCK_TIMEOUT, parallelism=parallelism
    )
    return [*command, str(plan_file)]


def change(
    binary: Path, verb: str, parallelism: int, *, refresh: bool = True, targets: Sequence[str] = ()
) -> list[str]:
    """``apply`` or ``destroy`` without a question; ``targets`` leave all else alone."""
    return _build(
        binary,
        verb,
        input=False,
        json=_flag(),
        auto_approve=_flag(),
        lock_timeout=LOCK_TIMEOUT,
        parallelism=parallelism,
        refresh=None if refresh else False,
        target=list(targets),
    )


def output(binary: Path) -> list[str]:
    """All outputs as JSON."""
    return _build(binary, "output", json=_flag(), no_color=_flag())


def state_list(binary: Path) -> list[str]:
    """The addresses of everything that Terraform knows of."""
    return _build(binary, "state list")


def state_rm(binary: Path, resource: str) -> list[str]:
    """Forget a resource, all its instances: nothing is done to them."""
    return [*_build(binary, "state rm", lock_timeout=LOCK_TIMEOUT, backup="-"), resource]


def state_pull(binary: Path) -> list[str]:
    """The state itself, wherever it lies."""
    return _build(binary, "state pull")


def _build(binary: Path, command: str, **options: object) -> list[str]:
    return cast("list[str]", _builder(str(binary)).generate_cmd_string(command, **options))


def _flag() -> Any:
    """An option without a value."""
    from python_terraform import IsFlagged

    return IsFlagged


@lru_cache(maxsize=4)
def _builder(binary: str) -> Any:
    from python_terraform import Terraform

    class CommandLines(Terraform):  # type: ignore[misc]
        def read_state_file(self, file_path: str | None = None) -> None:
            """The constructor would parse the state of whatever folder this process is in."""

    return CommandLines(terraform_bin_path=binary)
