"""What a long run tells the person who waits: phases that take time, details, notes, warnings."""

from __future__ import annotations

from contextlib import AbstractContextManager
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
