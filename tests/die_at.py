"""``python die_at.py PATTERN WORDS...``: hpcctl that is killed where it would put a file (or folder) in its place.

PATTERN is one of the shell's, for the whole path that would appear; ``2:PATTERN`` is the second such time. The
interpreter's own audit events tell of every rename, so no write of hpcctl's escapes.
"""

from __future__ import annotations

import os
import signal
import sys
from fnmatch import fnmatch
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[1])


def watch(event: str, arguments: tuple[object, ...]) -> None:
    """os.replace, os.rename and what is built on them."""
    if event == "os.rename" and fnmatch(os.fspath(arguments[1]), PATTERN):  # type: ignore[call-overload]
        TIMES.append(event)
        if len(TIMES) == WANTED:
            os.kill(os.getpid(), signal.SIGKILL)


COUNT, _, PATTERN = sys.argv[1].rpartition(":")
WANTED = int(COUNT or 1)
TIMES: list[str] = []


if __name__ == "__main__":
    from hpcctl.cli.main import run

    sys.addaudithook(watch)
    sys.exit(run(sys.argv[2:]))
