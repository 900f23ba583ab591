"""Clusters whose machines are records: create up to Terraform's end, and terminate."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bench.homes import Driver
from hpcctl.state import Timing


@dataclass(frozen=True, kw_only=True)
class Made:
    """What ``until_ssh`` told of one create, and how long its terminate took."""

    phases: tuple[Timing, ...]
    own_kib: int
    child_kib: int
    terminate: float

    def seconds(self, phase: str) -> float:
        """How long a phase took."""
        return next(timing.seconds for timing in self.phases if timing.name == phase)


def make_and_terminate(made: Driver, nodes: int) -> Made:
    """One cluster in a sandbox that is up."""
    name = f"bench-{nodes}"
    told = json.loads(made.python("bench.until_ssh", name, str(nodes)).output)
    return Made(
        phases=tuple(Timing(**timing) for timing in told["phases"]),
        own_kib=told["own_kib"],
        child_kib=told["child_kib"],
        terminate=made("terminate", "--yes", name).seconds,
    )
