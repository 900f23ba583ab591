"""Starting a sandbox without machines and without a word."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from hpcctl import sandbox

WITHOUT_MACHINES = sandbox.Wanted(machines=False)


class Silent:
    """A ``Progress`` that keeps what it was told."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.warnings: list[str] = []

    def phase(self, name: str) -> AbstractContextManager[None]:
        self.phases.append(name)
        return nullcontext()

    def detail(self, text: str) -> None:
        pass

    note = detail

    def warn(self, text: str) -> None:
        self.warnings.append(text)
