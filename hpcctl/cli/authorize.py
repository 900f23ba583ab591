"""``hpcctl authorize``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session
from hpcctl.cli.several import chosen, report, side_by_side
from hpcctl.cli.words import ClusterWord
from hpcctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from hpcctl.lifecycle.authorizing import Admitted
    from hpcctl.lifecycle.context import Context
    from hpcctl.spec.model import Authorized

EPILOG = """\b
Examples:
  hpcctl authorize demo colleagues.keys
  hpcctl authorize lab seats.keys
  hpcctl authorize demo /dev/null        nobody else any more
"""


@click.command("authorize", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterWord())
@click.argument("file")
@click.option("--wait", is_flag=True, help="Wait if another hpcctl works on the cluster.")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], file: str, wait: bool) -> int:
    """Let in the people whose public keys are in FILE, and nobody else beside the login user.

    A line is USER KEYTYPE KEY [comment]; USER@02 is for the second cluster of a class alone. Each user has an account
    and a home on /share, may submit jobs and go from node to node, and has no sudo. Who is no longer in FILE loses
    the keys; account, home and jobs stay.
    """
    from hpcctl.lifecycle.authorizing import authorize

    authorized = read_file(file)

    def do(name: str, context: Context) -> Admitted:
        return authorize(name, authorized, context=context)

    ended = side_by_side(session, "authorize", chosen(session, names), do, wait=wait)
    if len(ended) > 1:
        return report(ended, ("MAY LOG IN", "NEW", "REMOVED"), lambda _, one: _row(one))
    for one in ended:
        users, added, removed = _row(one.value) if one.value else ("", "", "")
        console.result(f"{one.name}: may log in: {users}; new: {added}; removed: {removed}")
    return ExitCode.DONE


def read_file(file: str) -> tuple[Authorized, ...]:
    """Who is in the file. UsageError where it cannot be read, SpecError with all that is wrong in it."""
    from hpcctl.spec.authorize import read_authorized

    try:
        text = Path(file).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(
            f"{file} cannot be read: {reason}", hint="a file with lines USER ssh-ed25519 AAAA… [comment]"
        ) from error
    return read_authorized(text, file)


def _row(admitted: Admitted) -> tuple[str, str, str]:
    users, added, removed = (
        ", ".join(some) or "-" for some in (admitted.users, admitted.added, admitted.removed)
    )
    return users, added, removed
