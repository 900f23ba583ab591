"""``hpcctl configure``"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.several import chosen, failed_json, is_one, report, side_by_side, tell_failures
from hpcctl.cli.words import ClusterWord
from hpcctl.errors import ExitCode, HostsFailed

if TYPE_CHECKING:
    from hpcctl.cli.several import Ended
    from hpcctl.lifecycle.configuring import Outcome
    from hpcctl.lifecycle.context import Context

EPILOG = """\b
Examples:
  hpcctl configure demo
  hpcctl configure lab
  hpcctl configure demo --json | jq '.changes'
"""


@click.command("configure", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterWord())
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on this cluster.")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], as_json: bool, wait: bool) -> int:
    """Put right what has drifted on the nodes of running clusters, say what that was, and check it.

    These are the steps that `create` and `start` run, by themselves. The exit code is 4 if a step or a check
    fails.
    """
    from hpcctl.lifecycle.reconfiguring import configure

    def do(name: str, context: Context) -> Outcome:
        return configure(name, context=context)

    selected = chosen(session, names)
    ended = side_by_side(session, "configure", selected, do, wait=wait)
    if is_one(names, selected) and ended[0].value:
        return _one(selected[0], ended[0].value, as_json=as_json)
    return _several(tuple(_judged(one) for one in ended), as_json=as_json)


def _one(name: str, outcome: Outcome, *, as_json: bool) -> int:
    if as_json:
        console.result_json(_json(outcome))
        return ExitCode.HOSTS if outcome.failures else ExitCode.DONE
    _print(name, outcome)
    if outcome.failures:
        raise _failed(name, outcome)
    return ExitCode.DONE


def _failed(name: str, outcome: Outcome) -> HostsFailed:
    return HostsFailed(outcome.failures, hint=f"`hpcctl ssh {name}` to look; repeat it after mending")


def _judged(one: Ended[Outcome]) -> Ended[Outcome]:
    """Steps that failed are a failure of the cluster."""
    failed = one.value and one.value.failures
    return replace(one, failure=_failed(one.name, one.value)) if failed and one.value else one


def _several(ended: tuple[Ended[Outcome], ...], *, as_json: bool) -> int:
    if not as_json:
        return report(ended, ("CHANGED", "CHECKS"), _row)
    console.result_json(
        [{"name": one.name, **(_json(one.value) if one.value else failed_json(one.failure))} for one in ended]
    )
    return tell_failures(ended)


def _row(name: str, outcome: Outcome) -> tuple[str, ...]:
    hosts = len({change.host for change in outcome.changes})
    failed = sum(not one.passed for one in outcome.checks)
    return (
        f"{outcome.changed} steps on {hosts} nodes" if outcome.changes else "nothing",
        f"{failed} of {len(outcome.checks)} failed" if failed else f"{len(outcome.checks)} passed",
    )


def _print(name: str, outcome: Outcome) -> None:
    by_host: dict[str, list[str]] = defaultdict(list)
    for change in outcome.changes:
        by_host[change.host].append(change.step)
    if by_host:
        console.table(("HOST", "CHANGED"), [(host, ", ".join(steps)) for host, steps in by_host.items()])
    else:
        console.result(f"{name}: everything was in place")


def _json(outcome: Outcome) -> dict[str, Any]:
    return {
        "changes": [{"host": one.host, "step": one.step} for one in outcome.changes],
        "unchanged": outcome.unchanged,
        "checks": [
            {"host": one.host, "check": one.check, "passed": one.passed, "hint": one.hint}
            for one in outcome.checks
        ],
        "failures": [
            {"host": one.host, "step": one.step, "output": one.output, "hint": one.hint}
            for one in outcome.failures
        ],
    }
