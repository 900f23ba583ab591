"""Who else may log in: a file with a line for every key, ``USER KEYTYPE KEY [comment]``. Pure.

``USER@02`` is for the second cluster of a class alone. What follows a # at the beginning of a line is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hpcctl.errors import Excerpt, Problem, SpecError
from hpcctl.spec import publickey
from hpcctl.spec.model import Authorized
from hpcctl.spec.names import problems_with_user

MOST = 1000
"""Keys in one file."""

_LINE = "a line is: USER ssh-ed25519 AAAA… [comment]"
_SEAT = re.compile(r"[0-9]{1,3}")
_COMMENT = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, kw_only=True)
class _Line:
    """One line that names somebody: its words, and where each begins."""

    number: int
    text: str
    user: str
    seat: str | None
    key: str

    def column_of(self, part: str) -> int:
        return self.text.index(part) + 1 if part and part in self.text else 1


def read_authorized(text: str, path: str) -> tuple[Authorized, ...]:
    """The keys by user, in the order of the file; ``user`` may end in ``@02``. SpecError with all that is wrong."""
    lines = tuple(_lines(text.removeprefix("\ufeff")))
    problems = [*_too_many(lines, path)]
    seen: dict[tuple[str, int | None, str], int] = {}
    for line in lines:
        found = [*_problems(line, path)]
        if not found:
            who = (line.user, int(line.seat) if line.seat else None, line.key.split()[1])
            found = [*_twice(line, path, seen.get(who))]
            seen.setdefault(who, line.number)
        problems += found
    if problems:
        raise SpecError(problems)
    return tuple(Authorized(user=_who(line), public_key=_tidy(line.key)) for line in lines)


def for_seat(authorized: Iterable[Authorized], number: int | None) -> tuple[Authorized, ...]:
    """Those of one cluster: number ``number`` of a class, or (None) a cluster of no class."""
    found = []
    for one in authorized:
        user, _, seat = one.user.partition("@")
        if not seat or (number is not None and int(seat) == number):
            found.append(replace(one, user=user))
    return tuple(dict.fromkeys(found))


def problems_with(authorized: Authorized) -> Iterator[Problem]:
    """Why a record must not let this one in."""
    yield from problems_with_user(authorized.user)
    found = publickey.problem_with(authorized.public_key, where="authorize", accepted=publickey.OF_SSHD)
    if found:
        yield found
    if _COMMENT.search(authorized.public_key):
        yield Problem(where="authorize", what="a key has characters that no key has")


def _lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, *key = line.split(maxsplit=1)
        user, at, seat = name.partition("@")
        yield _Line(number=number, text=line, user=user, seat=seat if at else None, key="".join(key).strip())


def _problems(line: _Line, path: str) -> Iterator[Problem]:
    if line.user in publickey.OF_SSHD:
        yield _at(line, path, line.user, what="no user stands before the key", hint=_LINE)
        return
    for problem in problems_with_user(line.user):
        yield _at(line, path, line.user, what=problem.what, hint=problem.hint)
    if line.seat is not None and not (_SEAT.fullmatch(line.seat) and int(line.seat)):
        what = f"{line.seat!r} is not the number of a cluster of a class"
        yield _at(line, path, f"@{line.seat}", what=what, hint=f"such as {line.user}@02")
    if not line.key:
        yield _at(line, path, "", what="there is no key on this line", hint=_LINE)
        return
    found = publickey.problem_with(line.key, where="", accepted=publickey.OF_SSHD)
    if found:
        hint = found.hint if len(line.key.split()) > 1 else _LINE
        yield _at(line, path, line.key.split()[0], what=found.what, hint=hint)


def _twice(line: _Line, path: str, first: int | None) -> Iterator[Problem]:
    if first is not None:
        what = f"the same key of {_who(line)} is on line {first} already"
        yield _at(line, path, line.key.split()[1], what=what, hint="leave one of them out")


def _too_many(lines: tuple[_Line, ...], path: str) -> Iterator[Problem]:
    if len(lines) > MOST:
        yield _at(lines[MOST], path, "", what=f"{len(lines)} keys are too many", hint=f"at most {MOST}")


def _at(line: _Line, path: str, part: str, *, what: str, hint: str) -> Problem:
    shown = part or line.text.strip()
    excerpt = Excerpt(
        path=path,
        line=line.number,
        column=line.column_of(shown),
        length=min(len(shown), 40),
        text=line.text,
    )
    return Problem(where=f"{path}:{line.number}", what=what, hint=hint, excerpt=excerpt)


def _who(line: _Line) -> str:
    return line.user if line.seat is None else f"{line.user}@{int(line.seat):02d}"


def _tidy(key: str) -> str:
    """The key on one line, with a comment that no file minds."""
    kind, body, *comment = key.split(maxsplit=2)
    return " ".join([kind, body, *(_COMMENT.sub("?", word) for word in comment)])
