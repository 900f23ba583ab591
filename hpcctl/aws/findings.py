"""What goes wrong while many questions are asked at once, kept until all answers are in."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from hpcctl.errors import CloudError, CredentialsError, Problem, SpecError, UnreachableError

T = TypeVar("T")


@dataclass
class Findings:
    """Problems, which end a request, and notes, which do not."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def problem(self, where: str, what: str, hint: str = "") -> None:
        """One more, unless it is known already."""
        found = Problem(where=where, what=what, hint=hint)
        if found not in self.problems:
            self.problems.append(found)

    def note(self, text: str) -> None:
        """One more, unless it was said already."""
        if text not in self.notes:
            self.notes.append(text)

    def take(self, answer: Future[T]) -> T | None:
        """The answer, or None after its problems have been noted."""
        try:
            return answer.result()
        except SpecError as error:
            self.problems += [problem for problem in error.problems if problem not in self.problems]
            return None

    def take_if_allowed(self, answer: Future[T], what: str) -> T | None:
        """The answer; where the caller may not ask for it, None and a note that ``what`` was not checked."""
        try:
            return self.take(answer)
        except (CredentialsError, UnreachableError):
            raise
        except CloudError as error:
            self.note(f"{what} was not checked: {error.message}")
            return None
