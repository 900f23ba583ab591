"""``hpcctl import-starcluster``"""

from __future__ import annotations

import os
from pathlib import Path

import click

from hpcctl.cli import console
from hpcctl.errors import ConfigError, ExitCode, UsageError

SETTING = "STARCLUSTER_CONFIG"
USUAL = "~/.starcluster/config"

EPILOG = """\b
Examples:
  hpcctl import-starcluster
  hpcctl import-starcluster ~/.starcluster/config smallcluster --output cluster.hcl
  hpcctl import-starcluster --output cluster.hcl && hpcctl create demo --file cluster.hcl
"""


@click.command("import-starcluster", epilog=EPILOG)
@click.argument("config", metavar="[FILE]", required=False)
@click.argument("template", required=False)
@click.option("--output", "-o", metavar="FILE", help="Write it there instead of to standard output.")
@click.option("--force", is_flag=True, help="With --output: write over a file that is there.")
def command(config: str | None, template: str | None, output: str | None, force: bool) -> int:
    """Translate StarCluster's configuration FILE into a cluster file: all templates, or TEMPLATE alone.

    FILE is $STARCLUSTER_CONFIG or ~/.starcluster/config, if it is not given. Keys of AWS are not copied. What a
    cluster file cannot say becomes a comment: read them before you create anything.
    """
    from hpcctl.starcluster.reading import read_config
    from hpcctl.starcluster.writing import cluster_file, comments_in

    path = config or os.environ.get(SETTING) or USUAL
    found = read_config(path, lambda name: _real(name).read_text(encoding="utf-8"))
    if not found.of("cluster"):
        raise ConfigError(f"{path} has no [cluster …] section", hint="is this StarCluster's configuration?")
    text = cluster_file(found, source=path, template=template, find=_found)
    if output is None:
        console.result(text.rstrip("\n"))
    else:
        _write(Path(output).expanduser(), text, force=force)
        console.say(f"written: {output}; see it is right by: hpcctl validate {output}")
    remarks = comments_in(text)
    if remarks:
        console.say(f"{remarks} lines of comments say what is different: please read them")
    return ExitCode.DONE


def _real(name: str) -> Path:
    return Path(os.path.expandvars(name)).expanduser()


def _found(name: str) -> str | None:
    """A file that is there, so that a cluster file in any folder can name it."""
    path = _real(name)
    if not path.is_file():
        return None
    return name if name.startswith("~/") and "$" not in name else str(path.absolute())


def _write(path: Path, text: str, *, force: bool) -> None:
    from hpcctl.files import write_atomically

    if path.exists() and not force:
        raise UsageError(f"{path} is there already", hint="--force writes over it; or choose another name")
    write_atomically(path, text, mode=0o644)
