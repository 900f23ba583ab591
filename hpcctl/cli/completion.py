"""``hpcctl completion``"""

from __future__ import annotations

import click

from hpcctl.cli import console
from hpcctl.errors import ExitCode

SHELLS = ("bash", "zsh", "fish")

EPILOG = """\b
Examples:
  hpcctl completion bash >~/.local/share/bash-completion/completions/hpcctl
  hpcctl completion zsh >~/.zfunc/_hpcctl
  hpcctl completion fish >~/.config/fish/completions/hpcctl.fish
  source <(hpcctl completion bash)      for this shell alone; the same in zsh

\b
bash: 4.4 or newer, with the package bash-completion. zsh: ~/.zshrc needs, before compinit,
fpath=(~/.zfunc $fpath). The folders may have to be made first. A new shell then has it.
"""


@click.command("completion", epilog=EPILOG)
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the script by which a shell completes the words of hpcctl.

    Commands, options, clusters and classes, nodes, profiles, regions and instance types are completed, all from
    files on this machine: no cloud is asked.
    """
    console.result(_script(shell).rstrip("\n"))
    return ExitCode.DONE


def _script(shell: str) -> str:
    from click.shell_completion import get_completion_class

    from hpcctl.cli.main import COMPLETING, cli

    kind = get_completion_class(shell)
    assert kind is not None  # click has all of SHELLS
    script = kind.source_template % kind(cli, {}, "hpcctl", COMPLETING).source_vars()
    # click's script for fish cuts explanations off at their first comma
    return script.replace('(string split "," $completion)', '(string split -m 1 "," $completion)')
