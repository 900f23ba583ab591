"""How long it takes to see what instance types cost."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from bench.figures import Figure, Options, Part
from bench.homes import Driver, driver
from hpcctl import sandbox
from hpcctl.sandbox.client import SandboxClient

RUNS = 10
_WHERE = ("--profile", "sandbox")
_DRY_RUN = ("create", "--dry-run", "demo", "4", "c5.xlarge", "50")


def measure(options: Options) -> Sequence[Figure]:
    """Against the API-only sandbox, which answers from memory."""
    runs = options.repeats(RUNS)
    with driver() as made:
        made("sandbox", "up", "--no-machines")
        client = SandboxClient(url=str(sandbox.cloud(made.home).endpoint_url))
        client.clear_calls()
        _forget(made)
        _seconds(made, "types")
        calls = sum(call.count for call in client.calls())
        cold = tuple(_cold(made) for _ in range(runs))
        return (
            Figure(what="types, cold", unit="s", runs=cold),
            Figure(what="types, cold: calls", unit="", runs=(calls,)),
            Figure(what="types, cached", unit="s", runs=_repeated(made, runs, "types"), target=2),
            Figure(
                what="types 'c5*', cached", unit="s", runs=_repeated(made, runs, "types", "c5*"), target=2
            ),
            Figure(
                what="spot-history, 7 days", unit="s", runs=_repeated(made, runs, "spot-history", "c5.xlarge")
            ),
            Figure(what="create --dry-run", unit="s", runs=_repeated(made, runs, *_DRY_RUN)),
        )


def _cold(made: Driver) -> float:
    _forget(made)
    return _seconds(made, "types")


def _forget(made: Driver) -> None:
    shutil.rmtree(made.home / "cache", ignore_errors=True)


def _repeated(made: Driver, runs: int, *words: str) -> tuple[float, ...]:
    return tuple(_seconds(made, *words) for _ in range(runs))


def _seconds(made: Driver, *words: str) -> float:
    return made(*words, *_WHERE).seconds


PART = Part(
    title="Prices",
    method=f"`hpcctl types` lists all instance types of the region, {RUNS} times without its cache and as often from "
    "it; `spot-history` asks each time, and `create --dry-run` (4 nodes) asks all but the list prices. The API is the "
    "sandbox's, which answers from memory in one process: AWS takes longer where it is asked, but not where the cache "
    "is read. Whole runs of the command line.",
    measure=measure,
)
