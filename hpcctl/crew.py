"""Threads that Ctrl-C asks one by one, as it asks the main thread where that works alone.

A member that listens (because a child of its must end in its own time) is asked; every other one gets a
KeyboardInterrupt where it stands. The thread that waits for the crew listens for it.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import TypeVar

from hpcctl.interrupts import INTERRUPTS, Listener, Member, acting_as

T = TypeVar("T")
Task = Callable[[], T]

GLANCE_SECONDS = 0.1
"""So soon is a Ctrl-C passed on."""

_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
_raise_in.argtypes = (ctypes.c_ulong, ctypes.py_object)
_INTERRUPT = ctypes.py_object(KeyboardInterrupt)


class _Sailor(Member):
    """One thread of a crew."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._listener: Listener | None = None
        self._guard = threading.RLock()
        self._asked = False
        self._thrown = False

    @contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """See ``Member``. KeyboardInterrupt where the request came before."""
        with self._guard:
            if self._asked:
                raise KeyboardInterrupt
            before, self._listener = self._listener, listener
        try:
            yield
        finally:
            with self._guard:
                self._listener = before

    def ask(self) -> None:
        """Once: its listener stops, or the thread is interrupted."""
        with self._guard:
            if self._asked:
                return
            self._asked = True
            if self._listener:
                self._listener.ask()
            else:
                self._thrown = True
                _raise_in(self._thread, _INTERRUPT)

    def end(self) -> None:
        """In a signal handler: no lock is taken."""
        if self._listener:
            self._listener.end()

    def leave(self) -> None:
        """Nothing may be thrown at this thread any more; what is still on its way arrives here.

        It is not taken back: Python would look out for it for good, and on 3.11 code that is traced, by a debugger or
        for coverage, would never get on.
        """
        with suppress(KeyboardInterrupt):
            with self._guard:
                self._asked = True
            while self._thrown and _raise_in(self._thread, _INTERRUPT):
                pass


class Crew:
    """At most ``size`` threads. A ``Listener`` for the thread that waits for them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._members: list[_Sailor] = []
        self.asked = False

    def ask(self) -> None:
        """See ``Listener``: a word to whoever waits, who passes it on."""
        self.asked = True

    def end(self) -> None:
        """See ``Listener``."""
        self.asked = True
        for member in tuple(self._members):
            member.end()

    def run(self, tasks: Sequence[Task[T]]) -> tuple[Future[T], ...]:
        """All of them, each to its end, in order of their turn. After Ctrl-C those that had no turn are cancelled."""
        pool = ThreadPoolExecutor(max(1, min(self._size, len(tasks))), thread_name_prefix="crew")
        with INTERRUPTS.listening(self), pool:
            futures = tuple(pool.submit(self._as_member, task) for task in tasks)
            self._watch(futures)
        return futures

    def _watch(self, futures: Sequence[Future[T]]) -> None:
        open_ = set(futures)
        while open_:
            open_ = wait(open_, timeout=GLANCE_SECONDS, return_when=FIRST_COMPLETED).not_done
            if self.asked:
                for future in futures:
                    future.cancel()
                for member in tuple(self._members):
                    member.ask()

    def _as_member(self, task: Task[T]) -> T:
        member = _Sailor()
        self._members.append(member)
        if self.asked:
            raise KeyboardInterrupt
        try:
            with acting_as(member):
                return task()
        finally:
            member.leave()
            self._members.remove(member)
