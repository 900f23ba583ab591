"""Child processes: timed, and asked to end before they are made to."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_END_SECONDS = 180


class Failed(Exception):
    """A program did not do what is to be measured."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a program wrote, and how long it took."""

    output: str
    seconds: float


def run(words: Sequence[str], environment: Mapping[str, str]) -> Done:
    """Run a program to its end; ``Failed`` with its last words if that is not a good one.

    It has a session of its own: a Ctrl-C at the terminal is passed on here, once, and it may tidy up.
    """
    began = time.perf_counter()
    child = subprocess.Popen(
        list(words),
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = child.communicate()
    except BaseException:
        _end(child)
        raise
    seconds = time.perf_counter() - began
    if child.returncode != 0:
        shown = "\n".join(errors.strip().splitlines()[-20:])
        raise Failed(f"{' '.join(words)} ended with {child.returncode}:\n{shown}")
    return Done(output=output, seconds=seconds)


def _end(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGINT)
    try:
        child.communicate(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
