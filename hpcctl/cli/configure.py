"""``hpcctl configure``"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.words import ClusterName
from hpcctl.errors import ExitCode, HostsFailed

if TYPE_CHECKING:
    from hpcctl.lifecycle.configuring import Outcome

EPILOG = """\b
Examples:
  hpcctl configure demo
  hpcctl configure demo --json | jq '.changes'
"""


@click.command("configure", epilog=EPILOG)
@click.argument("name", type=ClusterName())
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on this cluster.")
@click.pass_obj
def command(session: Session, name: str, as_json: bool, wait: bool) -> int:
    """Put right what has drifted on the nodes of a running cluster, say what that was, and check it.

    These are the steps that `create` and `start` run, by themselves. The exit code is 4 if a step or a check
    fails.
    """
    from hpcctl.lifecycle.reconfiguring import configure

    with console.progress() as progress, session.working("configure", name):
        outcome = configure(name, context=session.context(progress, wait=wait))
    if as_json:
        console.result_json(_json(outcome))
        return ExitCode.HOSTS if outcome.failures else ExitCode.DONE
    _print(name, outcome)
    if outcome.failures:
        raise HostsFailed(outcome.failures, hint=f"`hpcctl ssh {name}` to look; repeat it after mending")
    return ExitCode.DONE


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
