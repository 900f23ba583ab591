"""``hpcctl --version``: of everything that a report of a mistake should name."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import click

import hpcctl
from hpcctl.cli import console
from hpcctl.cli.session import Session

if TYPE_CHECKING:
    from hpcctl.terraform.versions import Versions


def tell_versions(ctx: click.Context) -> None:
    """Tell, and end."""
    from hpcctl.terraform.versions import versions

    found = versions(ctx.ensure_object(Session).home)
    if ctx.params.get("as_json"):
        console.result_json(_json(found))
    else:
        for line in _lines(found):
            console.result(line)
    ctx.exit()


def _lines(found: Versions) -> tuple[str, ...]:
    terraform = f"{found.program} {found.terraform}  ({found.path})"
    provider = found.provider or "not found on this machine; the first create fetches it"
    return (
        f"hpcctl {hpcctl.__version__}",
        terraform if found.terraform else f"Terraform not found: {found.problem}",
        f"AWS provider {provider}",
        f"Python {platform.python_version()}",
    )


def _json(found: Versions) -> dict[str, str | None]:
    return {
        "hpcctl": hpcctl.__version__,
        "terraform": found.terraform,
        "terraform_program": str(found.path) if found.path else None,
        "aws_provider": found.provider,
        "python": platform.python_version(),
        "problem": found.problem or None,
    }
