"""Ctrl-C: the first asks, the second ends; and everything is as before afterwards."""

from __future__ import annotations

import os
import signal

import pytest

from hpcctl.interrupts import Interrupts


class Asked:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def ask(self) -> None:
        self.heard.append("ask")

    def end(self) -> None:
        self.heard.append("end")


def press(number: signal.Signals = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_raises_and_says_so(number: signal.Signals) -> None:
    said: list[str] = []
    interrupts = Interrupts()
    before = signal.getsignal(number)
    with interrupts.installed():
        interrupts.say = lambda: said.append("stopping")
        with pytest.raises(KeyboardInterrupt):
            press(number)
        assert said == ["stopping"]
    assert signal.getsignal(number) is before
    assert interrupts.say is None


def test_the_second_does_not_come_back() -> None:
    class Left(BaseException):
        pass

    def leave() -> None:
        raise Left

    interrupts = Interrupts()
    with interrupts.installed(at_once=leave):
        with pytest.raises(KeyboardInterrupt):
            press()
        with pytest.raises(Left):
            press()


def test_a_listener_is_asked_and_then_told_to_end() -> None:
    interrupts, asked = Interrupts(), Asked()
    with interrupts.listening(asked):
        press()
        assert asked.heard == ["ask"]
        press(signal.SIGTERM)
        assert asked.heard == ["ask", "end"]


def test_a_request_before_the_listener_makes_the_next_one_the_second() -> None:
    interrupts, asked = Interrupts(), Asked()
    with interrupts.installed():
        with pytest.raises(KeyboardInterrupt):
            press()
        with interrupts.listening(asked):
            press()
        assert asked.heard == ["end"]
        with pytest.raises(KeyboardInterrupt):
            press()


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with Interrupts().installed():
            press(signal.SIGTERM)
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
