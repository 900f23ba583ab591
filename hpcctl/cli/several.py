"""Verbs that take several clusters: all words are looked up first, then the work is done side by side.

One cluster is shown as ever. Several have a line each; one that fails holds no other up, and is told at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from hpcctl.cli import console
from hpcctl.cli.session import Session, ssh_folder
from hpcctl.errors import ExitCode, HpcctlError, Interrupted, UnknownCluster
from hpcctl.nearest import did_you_mean
from hpcctl.selection import Known, is_pattern, select, words_for
from hpcctl.workspace import Workspace, entries

if TYPE_CHECKING:
    from concurrent.futures import Future

    from hpcctl.cli.board import Board
    from hpcctl.lifecycle.context import Context
    from hpcctl.state import Timing

T = TypeVar("T")
Do = Callable[[str, "Context"], T]

LANES = 8
"""Clusters at work at the same time. How many Terraforms run at once is for ``terraform.turns`` to say."""


@dataclass(frozen=True, kw_only=True)
class Ended(Generic[T]):
    """How it went with one cluster: what came of it, or why nothing did. After Ctrl-C some are not even ``begun``."""

    name: str
    value: T | None = None
    failure: HpcctlError | None = None
    seconds: float = 0.0
    timings: tuple[Timing, ...] = ()
    begun: bool = True


def known_clusters(session: Session) -> tuple[Known, ...]:
    """All clusters that a word may mean, those that a team shares included."""
    from hpcctl.overview import refresh_shared

    for problem in refresh_shared(session.home):
        console.warn(problem)
    return tuple(
        Known(name=entry.workspace.name, class_name=entry.record.spec.class_name if entry.record else "")
        for entry in entries(session.home)
    )


def chosen(session: Session, words: Sequence[str]) -> tuple[str, ...]:
    """The names that the words mean, each once.

    UnknownCluster before anything is done; all words that mean nothing are told.
    """
    names, unknown = resolved(session, words)
    if unknown:
        raise_all(unknown)
    return names


def raise_all(errors: Sequence[HpcctlError]) -> NoReturn:
    """Tell all of them; the last one is raised."""
    for error in errors[:-1]:
        console.error(error)
    raise errors[-1]


def resolved(session: Session, words: Sequence[str]) -> tuple[tuple[str, ...], tuple[UnknownCluster, ...]]:
    """The names that the words mean, each once, and an error for every word that means nothing."""
    names: dict[str, None] = {}
    unknown: list[UnknownCluster] = []
    known: tuple[Known, ...] | None = None
    for word in dict.fromkeys(words):
        failure = None if is_pattern(word) else _unknown(session, word)
        if failure is None and not is_pattern(word):
            names[word] = None
            continue
        known = known_clusters(session) if known is None else known
        found = select(word, known)
        names.update(dict.fromkeys(found))
        if not found:
            unknown.append(_with_nearest(word, known, failure))
    return tuple(names), tuple(unknown)


def is_one(words: Sequence[str], names: Sequence[str]) -> bool:
    """Was a single cluster asked for by its own name? Then the answer is for it alone."""
    return len(words) == 1 and tuple(words) == tuple(names)


def side_by_side(
    session: Session, verb: str, names: Sequence[str], do: Do[T], *, wait: bool = False
) -> tuple[Ended[T], ...]:
    """``do`` for every cluster, at most LANES at a time, each with a progress of its own.

    Of one cluster alone the failure is raised. Ctrl-C stops all cleanly: those that had no turn are not begun.
    """
    if not names:
        return ()
    if len(names) == 1:
        with console.progress() as progress, session.working(verb, names[0]):
            value = do(names[0], session.context(progress, wait=wait))
        return (Ended(name=names[0], value=value, timings=progress.timings),)
    from hpcctl.crew import Crew

    with console.board(names) as board:
        tasks = [partial(_one, name, do, session, board, verb=verb, wait=wait) for name in names]
        futures = Crew(LANES).run(tasks)
    return tuple(_ended(name, verb, future) for name, future in zip(names, futures, strict=True))


def _one(name: str, do: Do[T], session: Session, board: Board, *, verb: str, wait: bool) -> Ended[T]:
    began = time.monotonic()
    lane = board.lane(name)
    value, failure = None, None
    try:
        with session.working(verb, name):
            value = do(name, session.context(lane, wait=wait))
    except Exception as error:
        failure = _as_ours(error, session)
    seconds = time.monotonic() - began
    board.ended(name, seconds, failure)
    return Ended(name=name, value=value, failure=failure, seconds=seconds, timings=lane.timings)


def _ended(name: str, verb: str, future: Future[Ended[T]]) -> Ended[T]:
    if not future.cancelled():
        error = future.exception()
        if error is None:
            return future.result()
        if not isinstance(error, KeyboardInterrupt):
            raise error
    begun = not future.cancelled()
    how = "stopped" if begun else "not begun"
    return Ended(name=name, failure=Interrupted(f"`hpcctl {verb}` of {name} was {how}"), begun=begun)


def _as_ours(error: Exception, session: Session) -> HpcctlError:
    from hpcctl.cli.main import as_ours

    return as_ours(error, session)


def report(
    ended: Sequence[Ended[T]], headers: Sequence[str], row: Callable[[str, T], Sequence[str]]
) -> ExitCode:
    """One table of all, then the failures; the exit code is that of the worst."""
    rows = []
    for one in ended:
        if one.value is None:
            cells = [how_it_failed(one)]
            cells += [""] * (len(headers) - 1)
        else:
            cells = [*row(one.name, one.value)]
        rows.append((one.name, *cells, f"{one.seconds:.1f} s"))
    console.table(("CLUSTER", *headers, "TIME"), rows)
    return tell_failures(ended)


def tell_failures(ended: Sequence[Ended[T]]) -> ExitCode:
    """Each under the name of its cluster; the exit code of the worst."""
    failures = [(one.name, one.failure) for one in ended if one.failure]
    idle = [one.name for one in ended if not one.begun]
    for name, failure in failures:
        if name not in idle:
            console.heading(name)
            console.error(failure)
    if idle:
        console.say(f"not begun: {', '.join(idle)}")
    codes = [failure.exit_code for _, failure in failures]
    if ExitCode.INTERRUPTED in codes:
        return ExitCode.INTERRUPTED
    return max(codes, default=ExitCode.DONE)


def json_report(
    words: Sequence[str], ended: Sequence[Ended[T]], entry: Callable[[T], dict[str, Any]]
) -> ExitCode:
    """For programs: an object for one cluster that was named, an array for several; then the failures."""
    found = [
        {"name": one.name, **(failed_json(one.failure) if one.value is None else entry(one.value))}
        for one in ended
    ]
    console.result_json(found[0] if is_one(words, [one.name for one in ended]) else found)
    return tell_failures(ended)


def how_it_failed(one: Ended[T]) -> str:
    """In a word or two, for a table."""
    if not one.begun:
        return "not begun"
    return "interrupted" if isinstance(one.failure, Interrupted) else "failed"


def failed_json(failure: HpcctlError | None) -> dict[str, str]:
    """For programs: why there is no result for a cluster."""
    return {"error": str(failure), "hint": failure.hint} if failure else {}


def tell_timings(ended: Sequence[Ended[T]]) -> None:
    """How long each phase took, cluster by cluster."""
    for one in ended:
        console.result("")
        if len(ended) > 1:
            console.result(f"{one.name}:")
        console.timings(one.timings)


def publish_logins(session: Session) -> None:
    """The ssh entries of all clusters, as their records are now."""
    from hpcctl.logins import publish

    for warning in publish(session.home, ssh_folder=ssh_folder()):
        console.warn(warning)


def _unknown(session: Session, name: str) -> UnknownCluster | None:
    try:
        Workspace(home=session.home, name=name).current()
    except UnknownCluster as error:
        return error
    return None


def _with_nearest(word: str, known: Sequence[Known], failure: UnknownCluster | None) -> UnknownCluster:
    words = words_for(known)
    listing = f"the clusters are: {', '.join(words)}" if words else "there are none: hpcctl create --help"
    if failure is None:
        return UnknownCluster(f"no cluster has a name like {word!r}", hint=listing)
    hint = did_you_mean(word, words, otherwise=failure.hint)
    return UnknownCluster(failure.message, hint=hint, word=word)
