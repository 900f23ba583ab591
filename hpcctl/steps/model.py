"""Work on a host, as data. Nothing here runs anything; ``remote.runner`` does.

A step is a list of actions, each of which knows whether it still has something to do. That is what makes
a second run change nothing, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class On(str, Enum):
    """Where a step runs."""

    HEAD = "head"
    COMPUTE = "compute"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Put:
    """A file with this content, owner and mode; changed only when one of them differs."""

    path: str
    content: str
    mode: str = "0644"
    owner: str = "root:root"


@dataclass(frozen=True, kw_only=True)
class Run:
    """A command (bash, as root), left out where ``unless`` (also bash) succeeds."""

    command: str
    unless: str


@dataclass(frozen=True, kw_only=True)
class WhenChanged:
    """A command for after a change: it runs only if an earlier action of the same step changed something."""

    command: str


@dataclass(frozen=True, kw_only=True)
class WaitFor:
    """Poll until ``condition`` (bash) succeeds, at most ``seconds``; ``hint`` is for the case that it never does."""

    condition: str
    seconds: int
    hint: str


Action = Put | Run | WhenChanged | WaitFor


@dataclass(frozen=True, kw_only=True)
class Step:
    """One piece of work with a name that a person understands."""

    name: str
    on: On
    actions: tuple[Action, ...]
    hint: str = ""  # what to do when it fails


@dataclass(frozen=True, kw_only=True)
class OwnStep:
    """A step of one host alone: what it holds no other host may see. ``Step.on`` has no say."""

    host: str
    step: Step


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Steps that may run at the same time on all hosts; the next stage begins when every host has ended.

    A host that has not answered yet does not count, but where the next stage ``waits`` for it; when it has caught up,
    the stages that it missed are run once more. A ``whole`` stage makes no sense, and is left out, if a host is lost.
    A host runs its ``own`` steps after the others. It must have others in that stage.
    """

    name: str
    steps: tuple[Step, ...]
    waits: bool = False
    whole: bool = False
    own: tuple[OwnStep, ...] = ()


class State(str, Enum):
    """How a step ended on one host."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """One step on one host; ``output``: the last lines it wrote if it failed, otherwise what it had to ``tell``."""

    host: str
    stage: str
    step: str
    state: State
    seconds: float
    output: str = ""
