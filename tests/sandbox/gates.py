"""Moments that no machine misses: calls of the API wait until a test has done what it came for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hpcctl.sandbox.calls import Agent
from hpcctl.sandbox.client import SandboxClient
from hpcctl.sandbox.faults import Fault, FaultKind
from tests.sandbox.polling import until

_ALL = 1_000_000


@contextmanager
def terraform_waits(control: SandboxClient, action: str = "") -> Iterator[None]:
    """As long as this is open, every Terraform waits for its next answer (of ``action``; none: of any)."""
    control.add_fault(Fault(kind=FaultKind.HOLD, agent=Agent.TERRAFORM.value, action=action, times=_ALL))
    try:
        yield
    finally:
        control.clear_faults()


def until_held(control: SandboxClient) -> None:
    """Until some call waits at the gate."""
    until(control.held, what="a call waits at the gate")
