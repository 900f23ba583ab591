"""The command line: the verbs, imported when they are called, and the one place where errors end."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcctl.cli.session import Session
from hpcctl.errors import ExitCode, HpcctlError, UsageError
from hpcctl.interrupts import INTERRUPTS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMPLETING = "_HPCCTL_COMPLETE"
"""A setting of the shell's own script: this run completes words."""


@dataclass(frozen=True, kw_only=True)
class Verb:
    """A command that is not imported yet, and its line in the list."""

    module: str
    help: str


VERBS = {
    "create": Verb(module="create", help="Make a cluster."),
    "validate": Verb(module="validate", help="Is a cluster file right?"),
    "list": Verb(module="listing", help="All clusters and their states."),
    "show": Verb(module="show", help="Clusters in full: nodes, addresses, file systems, how to log in."),
    "hosts": Verb(module="hosts", help="Every host: names, states, addresses; for Ansible, pdsh and others."),
    "ssh": Verb(module="ssh", help="Log in, or run a command on a node."),
    "stop": Verb(module="stop", help="Stop clusters; their disks and queues are kept."),
    "start": Verb(module="start", help="Start stopped clusters."),
    "restart": Verb(module="restart", help="Reboot all nodes, or some, and configure them again."),
    "extend": Verb(module="extend", help="Have a cluster with a lifetime end later."),
    "configure": Verb(module="configure", help="Put right what has drifted on the nodes."),
    "check": Verb(module="check", help="Try everything that clusters promise."),
    "authorize": Verb(module="authorize", help="Let in people by name, with their public keys."),
    "update-ssh": Verb(module="update_ssh", help="Renew the entries of all clusters for ssh."),
    "recover": Verb(module="recover", help="Write down again what is lost of a cluster."),
    "move": Verb(module="move", help="Move a cluster into the bucket of a team, or back to this machine."),
    "doctor": Verb(module="doctor", help="What is wrong here, in the account, with a cluster."),
    "terminate": Verb(module="terminate", help="Take clusters away."),
    "init": Verb(module="init", help="Ask a few questions, and write a commented cluster file."),
    "import-starcluster": Verb(
        module="import_starcluster", help="Translate StarCluster's configuration into a cluster file."
    ),
    "types": Verb(module="types", help="Instance types, and what they cost."),
    "spot-history": Verb(module="spot_history", help="What spot capacity of a type has cost."),
    "profile": Verb(module="profile", help="Where clusters are made: list, show, use."),
    "sandbox": Verb(module="sandbox", help="AWS on this machine: up, down, status, logs, image."),
    "setup": Verb(module="setup", help="Install what this machine lacks."),
    "completion": Verb(module="completion", help="Print the script by which a shell completes words."),
}
ALIASES = {"describe": "show", "info": "show", "ls": "list", "reboot": "restart"}


class LazyGroup(click.Group):
    """Knows its commands by name, and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        verb = VERBS.get(ALIASES.get(cmd_name, cmd_name))
        if verb is None:
            return None
        try:
            module = importlib.import_module(f"hpcctl.cli.{verb.module}")
        except ModuleNotFoundError as error:
            if verb.module != "sandbox":
                raise
            raise UsageError("the sandbox is not installed", hint="pip install 'hpcctl[sandbox]'") from error
        found = getattr(module, "command", None) or getattr(module, verb.module)
        if not isinstance(found, click.Command):
            return None
        return _equipped(found)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Verbs with their lines in the list, none of them imported; options after a hyphen."""
        from hpcctl.cli.completing import offer

        verbs = offer(((name, verb.help) for name, verb in VERBS.items()), incomplete)
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if ctx.resilient_parsing:  # the shell completes what may be wrong: no word about it
            return super().resolve_command(ctx, args)
        if not name.startswith("-") and name not in VERBS and name not in ALIASES:
            from hpcctl.nearest import did_you_mean

            hint = did_you_mean(name, [*VERBS, *ALIASES], otherwise="hpcctl --help lists the commands")
            raise UsageError(f"there is no command {name!r}", hint=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.help) for name, verb in VERBS.items()])


def _equipped(command: click.Command) -> click.Command:
    """The command; where the shell completes words, with what it can offer."""
    if COMPLETING not in os.environ:
        return command
    from hpcctl.cli.completing import equip

    return equip(command)


EPILOG = """\b
Examples:
  hpcctl create demo 4 c5.xlarge 50                     4 nodes and 50 GB on AWS
  hpcctl --profile sandbox create demo 2 c5.xlarge 4    the same on this machine
  hpcctl ssh demo                                       log in to the head
  hpcctl terminate demo                                 take it away again
"""


def _tell_versions(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from hpcctl.cli.version import tell_versions

        tell_versions(ctx)


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--profile",
    metavar="NAME",
    help="Where: aws (default), sandbox, a profile of config.hcl or of the AWS CLI.",
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.option("--json", "as_json", is_flag=True, is_eager=True, help="With --version: for programs.")
@click.option(
    "-V",
    "--version",
    is_flag=True,
    expose_value=False,
    callback=_tell_versions,
    help="The versions of hpcctl, Terraform, the AWS provider and Python.",
)
@click.pass_obj
def cli(session: Session, profile: str | None, debug: bool, as_json: bool) -> None:
    """A working HPC cluster from one command, on AWS or on this machine."""
    if as_json:
        raise UsageError("--json belongs after the command", hint="such as: hpcctl list --json")
    session.profile, session.debug = profile, debug


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line; the exit code is one of ``ExitCode``, or that of ssh."""
    try:
        session = Session()
    except UsageError as error:  # a home that cannot be
        return _explain(error, Session(home=Path()))
    words = list(arguments) or ["--help"]
    with INTERRUPTS.installed(at_once=partial(_leave, session)):
        return _run(words, session)


def _run(words: list[str], session: Session) -> int:
    try:
        return int(_equipped(cli).main(words, "hpcctl", standalone_mode=False, obj=session) or ExitCode.DONE)
    except BrokenPipeError:  # `hpcctl list | head`: whoever read has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILED
    except Exception as failure:
        if COMPLETING in os.environ:  # whoever presses <tab> wants no word about a mistake
            return ExitCode.FAILED
        return _explain(failure, session)
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED


def _leave(session: Session) -> None:
    """The second Ctrl-C: no thread is waited for, and nothing is tidied up."""
    shown = "\x1b[?25h" if sys.stderr.isatty() else ""  # the display had hidden the cursor
    text = "ended at once"
    if session.work:
        text = f"{session.work} was ended at once; the same command goes on, `hpcctl terminate` takes everything away"
    os.write(2, f"{shown}\n{text}\n".encode())
    os._exit(ExitCode.INTERRUPTED)


def _explain(failure: Exception, session: Session) -> int:
    from hpcctl.cli import console

    if session.debug:
        import traceback

        traceback.print_exception(failure)
    if isinstance(failure, click.Abort):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    if type(failure).__name__ == "NoArgsIsHelpError":  # a group without a verb; click 8.1 has no such class
        click.echo(str(failure), err=True)
        return ExitCode.USAGE
    if isinstance(failure, click.ClickException):
        console.error(_from_click(failure))
        return ExitCode.USAGE
    told = as_ours(failure, session)
    console.error(told)
    return told.exit_code


def as_ours(failure: Exception, session: Session) -> HpcctlError:
    """Whatever was raised, as an error that says what to do; a mistake of hpcctl's own goes to the log."""
    if isinstance(failure, HpcctlError):
        return failure
    if isinstance(failure, OSError) and failure.strerror and (failure.filename or failure.errno in _NO_ROOM):
        return _from_system(failure)
    return _unexpected(failure, session)


def _from_click(failure: click.ClickException) -> HpcctlError:
    """click's own word for a wrong command line, as one of ours."""
    context = getattr(failure, "ctx", None)
    path = context.command_path if context else "hpcctl"
    message = failure.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:], hint=f"{path} --help")


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""What writing to an open file ends with; such an error has no file's name."""


def _from_system(failure: OSError) -> HpcctlError:
    """A disk that is full, a folder that belongs to somebody else: nothing that a traceback would explain."""
    where = f"{failure.filename}: " if failure.filename else ""
    return HpcctlError(
        f"{where}{failure.strerror}",
        hint="may you write there, and is there room? HPCCTL_HOME says where hpcctl keeps its files",
    )


def _unexpected(failure: Exception, session: Session) -> HpcctlError:
    import traceback

    text = "".join(traceback.format_exception(failure))
    log = session.home / "log" / "hpcctl.log"
    message = f"a mistake in hpcctl itself: {type(failure).__name__}: {failure}"
    try:
        _append(log, text)
    except OSError:
        click.echo(text, err=True)
        return HpcctlError(message, hint="please report it with the lines above")
    return HpcctlError(message, hint=f"please report it; the traceback is in {log}")


def _append(log: Path, text: str) -> None:
    from datetime import datetime, timezone

    from hpcctl.files import PRIVATE_FILE, private_folder

    private_folder(log.parent)
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE), "a") as file:
        file.write(f"--- {datetime.now(timezone.utc).isoformat()} hpcctl {' '.join(sys.argv[1:])}\n{text}")
