from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hpcctl.sandbox.machines.qmp import Qmp, QmpError


@contextmanager
def answering(*answers: list[dict[str, Any]]) -> Iterator[tuple[Qmp, list[dict[str, Any]]]]:
    """A client connected to a QEMU that gives these messages, one list for each command; then it hangs up."""
    ours, theirs = socket.socketpair()
    asked: list[dict[str, Any]] = []

    def serve() -> None:
        with theirs, theirs.makefile("rwb") as stream:
            for messages in answers:
                asked.append(json.loads(stream.readline()))
                for message in messages:
                    stream.write(json.dumps(message).encode() + b"\n")
                stream.flush()

    thread = threading.Thread(target=serve)
    thread.start()
    client = Qmp(ours)
    try:
        yield client, asked
    finally:
        client.close()
        thread.join()


def test_command_skips_events_and_returns_the_result() -> None:
    with answering([{"event": "RESUME"}, {"return": {"status": "running"}}]) as (client, asked):
        assert client.command("query-status") == {"status": "running"}
    assert asked == [{"execute": "query-status", "arguments": {}}]


def test_command_writes_names_with_dashes() -> None:
    with answering([{"return": {}}]) as (client, asked):
        client.command("block_resize", node_name="root", size=5)
    assert asked[0]["arguments"] == {"node-name": "root", "size": 5}


def test_command_refused_is_an_error_with_qemus_words() -> None:
    with (
        answering([{"error": {"class": "GenericError", "desc": "no such device"}}]) as (client, _),
        pytest.raises(QmpError, match="device_del: no such device"),
    ):
        client.command("device_del", id="x")


def test_command_when_qemu_has_gone_is_an_error() -> None:
    with answering() as (client, _), pytest.raises(QmpError):
        client.command("cont")


def test_greet_waits_for_the_greeting() -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(b'{"QMP": {}}\n{"return": {}}\n')
    client = Qmp(ours)
    client.greet()
    assert json.loads(theirs.recv(1000))["execute"] == "qmp_capabilities"
    client.close()
    theirs.close()


def test_wait_for_gives_up() -> None:
    with answering() as (client, _), pytest.raises(QmpError, match="unplug"):
        client.wait_for(lambda: False, what="unplug a disk", seconds=0)
