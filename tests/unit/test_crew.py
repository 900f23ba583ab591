"""Threads, and a Ctrl-C for all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from hpcctl.crew import Crew
from hpcctl.interrupts import INTERRUPTS

SECONDS = 20.0


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Asked:
    """A listener whose work ends when it is asked."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.done = threading.Event()

    def ask(self) -> None:
        self.heard.append("ask")
        self.done.set()

    def end(self) -> None:
        self.heard.append("end")
        self.done.set()


def test_all_are_done_in_their_order_and_some_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=SECONDS)

    def task(number: int) -> int:
        if number < 3:
            together.wait()
        return number * 2

    futures = Crew(3).run([partial(task, number) for number in range(7)])
    assert [future.result() for future in futures] == [0, 2, 4, 6, 8, 10, 12]


def test_one_that_fails_holds_no_other_up() -> None:
    def task(number: int) -> int:
        if number == 1:
            raise ValueError("one")
        return number

    first, second, third = Crew(1).run([partial(task, number) for number in range(3)])
    assert (first.result(), third.result()) == (0, 2)
    assert isinstance(second.exception(), ValueError)


@pytest.mark.fault("Ctrl-C", "several clusters at once", "all stop cleanly; what had no turn is not begun")
def test_the_first_request_asks_who_listens_interrupts_the_others_and_begins_nothing_more() -> None:
    asked, stood, begun = Asked(), threading.Event(), []

    def listens() -> str:
        with INTERRUPTS.listening(asked):
            begun.append("listens")
            assert asked.done.wait(SECONDS)
        return "ended in its own time"

    def works() -> None:
        begun.append("works")
        try:
            until(lambda: False)
        finally:
            stood.set()

    def presses() -> None:
        until(lambda: len(begun) == 2)
        press()

    thread = threading.Thread(target=presses)
    thread.start()
    first, second, third = Crew(2).run([listens, works, lambda: begun.append("late")])
    thread.join()
    assert first.result() == "ended in its own time"
    assert asked.heard == ["ask"]
    assert isinstance(second.exception(), KeyboardInterrupt)
    assert stood.is_set()
    assert third.cancelled()
    assert begun == ["listens", "works"]


def test_whoever_listens_after_the_request_is_interrupted_before_it_starts_anything() -> None:
    crew = Crew(1)
    reached = []

    def task() -> None:
        crew.ask()
        try:
            until(lambda: False)
        except KeyboardInterrupt:
            with INTERRUPTS.listening(Asked()):
                reached.append("started a child")

    (future,) = crew.run([task])
    assert isinstance(future.exception(), KeyboardInterrupt)
    assert not reached


def test_the_second_request_ends_who_listens() -> None:
    crew, asked = Crew(1), Asked()

    def task() -> None:
        with INTERRUPTS.listening(asked):
            crew.end()
            until(asked.done.is_set)

    (future,) = crew.run([task])
    assert future.exception() is None
    assert asked.heard[0] == "end"


def test_nothing_is_thrown_at_a_thread_that_has_done_its_task() -> None:
    before = threading.active_count()
    for _ in range(50):
        crew = Crew(1)
        (future,) = crew.run([crew.ask])
        assert future.cancelled() or isinstance(future.exception(), KeyboardInterrupt | None)
    assert threading.active_count() < before + 10


TRACED = """
import faulthandler, sys
from hpcctl.crew import Crew
faulthandler.dump_traceback_later(30, exit=True)
crew = Crew(1)
crew.run([crew.ask if sys.argv[1] == "asked" else int])
sys.settrace(lambda *_: None)
(lambda: None)()
"""


@pytest.mark.parametrize("how", ["asked", "alone"])
def test_after_a_crew_code_can_be_traced(how: str) -> None:
    """On Python 3.11 whatever was traced stood still: a debugger, coverage, hypothesis."""
    done = subprocess.run([sys.executable, "-c", TRACED, how], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
