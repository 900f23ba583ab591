"""How long the runs of the tests take, as a developer waits for them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from bench.figures import Figure, Options, Part
from bench.programs import ROOT, run

TARGETS = {"quick": 60.0, "test": 900.0, "test-all": None}
"""Seconds on a fast machine: one that counts to ten million in Python in 0.6 s."""

_KIND = re.compile(
    r"^(?P<kind>machines|API|unit) +\d+ tests +(?:(?P<minutes>\d+) min )?(?P<seconds>[\d.]+) s",
    re.MULTILINE,
)


def measure(options: Options) -> Sequence[Figure]:
    """Each target of the Makefile; all that they need is installed, and the machine image is there."""
    run(["make", "setup", ".checkov/version"], os.environ)
    names = ("quick",) if options.quick else tuple(TARGETS)
    return [figure for name in names for figure in _measured(name, options)]


def _measured(name: str, options: Options) -> Sequence[Figure]:
    options.say(f"make {name}")
    done = run(["make", "-C", str(ROOT), "--no-print-directory", name], os.environ)
    whole = Figure(what=f"make {name}", unit="s", runs=(round(done.seconds, 1),), target=TARGETS[name])
    return (whole, *(_of_kind(name, found) for found in _KIND.finditer(done.output)))


def _of_kind(name: str, found: re.Match[str]) -> Figure:
    """The sum over the tests of one kind, which run beside those of the others."""
    seconds = int(found["minutes"] or 0) * 60 + float(found["seconds"])
    return Figure(what=f"make {name}: {found['kind']}, summed", unit="s", runs=(seconds,))


PART = Part(
    title="Test runs",
    method="`make quick`, `make test` and `make test-all`, once each, with everything installed and the machine "
    "image in place. The kinds run side by side, so their sums are more than the whole. The targets are for a machine "
    "that counts to ten million in Python in 0.6 s. Only measured when asked for: `python -m bench tests`.",
    measure=measure,
)
