"""``hpcctl check``"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.several import chosen, failed_json, is_one, report, side_by_side, tell_failures
from hpcctl.cli.words import ClusterWord
from hpcctl.errors import ExitCode

if TYPE_CHECKING:
    from hpcctl.cli.several import Ended
    from hpcctl.lifecycle.configuring import CheckResult
    from hpcctl.lifecycle.context import Context

EPILOG = """\b
Examples:
  hpcctl check demo
  hpcctl check lab
  hpcctl check demo --json | jq '.[] | select(.passed | not)'
"""


@click.command("check", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterWord())
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on this cluster.")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], as_json: bool, wait: bool) -> int:
    """Try everything that clusters promise, on every node: NFS, S3, and an MPI job on all of them.

    The exit code is 4 if a check fails.
    """
    from hpcctl.lifecycle.checking import check

    def do(name: str, context: Context) -> tuple[CheckResult, ...]:
        return check(name, context=context)

    selected = chosen(session, names)
    ended = side_by_side(session, "check", selected, do, wait=wait)
    if not is_one(names, selected):
        return _several(ended, as_json=as_json)
    results = ended[0].value or ()
    if as_json:
        console.result_json([_json(one) for one in results])
    else:
        _print(results)
    return ExitCode.DONE if all(one.passed for one in results) else ExitCode.HOSTS


def _several(ended: tuple[Ended[tuple[CheckResult, ...]], ...], *, as_json: bool) -> int:
    if as_json:
        console.result_json([_cluster_json(one) for one in ended])
        code = tell_failures(ended)
    else:
        code = report(ended, ("CHECKS", "FAILED"), _row)
        for one in ended:
            _tell(f"{one.name}: ", one.value or ())
    passed = all(check.passed for one in ended for check in one.value or ())
    return max(code, ExitCode.DONE if passed else ExitCode.HOSTS)


def _row(name: str, results: tuple[CheckResult, ...]) -> tuple[str, ...]:
    failed = [f"{one.host}: {one.check}" for one in results if not one.passed]
    return (f"{len(results) - len(failed)} of {len(results)} passed", ", ".join(failed[:3]) or "-")


def _cluster_json(one: Ended[tuple[CheckResult, ...]]) -> dict[str, Any]:
    if one.value is None:
        return {"name": one.name, **failed_json(one.failure)}
    return {"name": one.name, "checks": [_json(check) for check in one.value]}


def _print(results: tuple[CheckResult, ...]) -> None:
    rows = [
        (one.host, one.check, "passed" if one.passed else "failed", f"{one.seconds:.1f} s") for one in results
    ]
    console.table(("HOST", "CHECK", "RESULT", "TIME"), rows)
    _tell("", results)


def _tell(of: str, results: tuple[CheckResult, ...]) -> None:
    """What the checks said: why they failed, and what is worth knowing of those that passed."""
    for one in results:
        if not one.passed:
            console.say(f"{of}{one.host}: {one.check}")
            for line in one.message.splitlines()[-10:]:
                console.say(f"    {line}")
            if one.hint:
                console.say(f" hint: {one.hint}")
        elif one.message:
            console.say(f"{of}{one.host}: {one.check}: {one.message}")


def _json(one: CheckResult) -> dict[str, Any]:
    return {
        "host": one.host,
        "check": one.check,
        "passed": one.passed,
        "seconds": one.seconds,
        "message": one.message,
        "hint": one.hint,
    }
