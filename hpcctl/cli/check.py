"""``hpcctl check``"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.words import ClusterName
from hpcctl.errors import ExitCode

if TYPE_CHECKING:
    from hpcctl.lifecycle.configuring import CheckResult

EPILOG = """\b
Examples:
  hpcctl check demo
  hpcctl check demo --json | jq '.[] | select(.passed | not)'
"""


@click.command("check", epilog=EPILOG)
@click.argument("name", type=ClusterName())
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on this cluster.")
@click.pass_obj
def command(session: Session, name: str, as_json: bool, wait: bool) -> int:
    """Try everything that a cluster promises, on every node: NFS, S3, and an MPI job on all of them.

    The exit code is 4 if a check fails.
    """
    from hpcctl.lifecycle.checking import check

    with console.progress() as progress, session.working("check", name):
        results = check(name, context=session.context(progress, wait=wait))
    if as_json:
        console.result_json([_json(one) for one in results])
    else:
        _print(results)
    return ExitCode.DONE if all(one.passed for one in results) else ExitCode.HOSTS


def _print(results: tuple[CheckResult, ...]) -> None:
    rows = [
        (one.host, one.check, "passed" if one.passed else "failed", f"{one.seconds:.1f} s") for one in results
    ]
    console.table(("HOST", "CHECK", "RESULT", "TIME"), rows)
    for one in results:
        if not one.passed:
            console.say(f"{one.host}: {one.check}")
            for line in one.message.splitlines()[-10:]:
                console.say(f"    {line}")
            if one.hint:
                console.say(f" hint: {one.hint}")
        elif one.message:
            console.say(f"{one.host}: {one.check}: {one.message}")


def _json(one: CheckResult) -> dict[str, Any]:
    return {
        "host": one.host,
        "check": one.check,
        "passed": one.passed,
        "seconds": one.seconds,
        "message": one.message,
        "hint": one.hint,
    }
