"""What a long run tells the person who waits: phases that take time, details, notes, warnings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Progress(Protocol):
    """Told by ``lifecycle`` and by everything that takes longer than a second; drawn by ``cli.console``."""

    def phase(self, name: str) -> AbstractContextManager[None]:
        """A piece of work that is timed; phases may nest and may run side by side in threads."""

    def detail(self, text: str) -> None:
        """What is happening now inside the present phase; may be shown only for a moment."""

    def note(self, text: str) -> None:
        """A line that stays."""

    def warn(self, text: str) -> None:
        """A line that stays and asks for attention."""


class Saying:
    """A Progress for programs: a line for each thing that happens, told to a function, if there is one."""

    def __init__(self, say: Callable[[str], None] | None = None) -> None:
        self._say = say or (lambda _: None)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Its name, when it begins."""
        self._say(name)
        yield

    def detail(self, text: str) -> None:
        """Too much for a program."""

    def note(self, text: str) -> None:
        """As it is."""
        self._say(text)

    def warn(self, text: str) -> None:
        """With a word that tells it from a note."""
        self._say(f"warning: {text}")
