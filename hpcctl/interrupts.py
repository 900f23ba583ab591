"""Ctrl-C and SIGTERM: the first asks whoever works to stop cleanly, the second ends everything at once.

There is one object for the process, as there is one set of signals. The command line installs it for its whole run;
who starts a child that must end in its own time listens as long as that child lives.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import Protocol

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Listener(Protocol):
    """Who is asked instead of being interrupted."""

    def ask(self) -> None:
        """Stop as soon as nothing is lost by it."""

    def end(self) -> None:
        """Stop now."""


class Member(Protocol):
    """A thread that is asked by itself (``crew``)."""

    def listening(self, listener: Listener) -> AbstractContextManager[None]:
        """Ask ``listener`` meanwhile, instead of interrupting the thread."""


_own = threading.local()


@contextmanager
def acting_as(member: Member) -> Iterator[None]:
    """This thread is ``member``: whoever listens here listens through it."""
    _own.member = member
    try:
        yield
    finally:
        del _own.member


class Interrupts:
    """A signal handler that counts.

    ``say`` is told of the first request, ``at_once`` is called at the second and need not return. Both run inside
    the handler, between any two steps of the main thread: they may take no lock.
    """

    def __init__(self) -> None:
        self.say: Callable[[], None] | None = None
        self.at_once: Callable[[], None] | None = None
        self._listener: Listener | None = None
        self._requests = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """As a signal handler. KeyboardInterrupt at the first request, unless somebody listens."""
        self._requests += 1
        listener = self._listener
        if self._requests == 1:
            if self.say:
                self.say()
            if listener:
                listener.ask()
                return
        else:
            if listener:
                listener.end()
            if self.at_once:
                self.at_once()
            if listener:
                return
        raise KeyboardInterrupt

    @contextmanager
    def installed(self, *, at_once: Callable[[], None] | None = None) -> Iterator[None]:
        """Handle the signals meanwhile. Python hands them to the main thread only: elsewhere nothing changes."""
        if signal.getsignal(signal.SIGINT) is self or not _in_main_thread():
            yield
            return
        self._requests, self.at_once = 0, at_once
        before = {number: signal.signal(number, self) for number in _SIGNALS if _is_wanted(number)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.say = self.at_once = None

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """Ask ``listener`` meanwhile, instead of raising KeyboardInterrupt in the middle of its work."""
        if not _in_main_thread():
            member: Member | None = getattr(_own, "member", None)
            with member.listening(listener) if member else nullcontext():
                yield
            return
        with self.installed():
            before, self._listener = self._listener, listener
            try:
                yield
            finally:
                self._listener = before


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _is_wanted(number: signal.Signals) -> bool:
    """A signal that was ignored before we came stays so: a job that a shell runs in the background, say."""
    return signal.getsignal(number) is not signal.SIG_IGN


INTERRUPTS = Interrupts()
"""Those of this process."""
