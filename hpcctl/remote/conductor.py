"""Runs on the head, not here: takes a plan, runs its stages on all hosts, tells how every step went.

Standard library and ClusterShell only, Python 3.9 and later. Its standard input is the plan (JSON), its
standard output one JSON object a line: {"host", "stage", "step", "state", "seconds", "output"}.

A host that does not answer is *late*. It is tried again until the deadline and holds nobody up: the others go on to the
stages after, up to one that ``waits``. When it has caught up, those stages are run once more, with it.
"""

from __future__ import annotations

import base64
import json
import logging
import sys
import time
from typing import Any

from ClusterShell.Event import EventHandler
from ClusterShell.Task import Task, task_self

UNREACHABLE = 255  # ssh's own exit code, as opposed to the command's
HELLO = "@@"  # the first line of every script's output: the host has answered


class StageRun(EventHandler):  # type: ignore[misc]
    """One stage on all its hosts; the scripts' protocol is in lib.sh."""

    def __init__(self, conductor: Conductor, number: int, name: str, scripts: dict[str, str]) -> None:
        super().__init__()
        self.conductor = conductor
        self.number = number
        self.name = name
        self.scripts = scripts
        self.open = set(scripts)
        self.last_words: dict[str, str] = {}

    def start(self, host: str) -> None:
        """Run the stage's script on one host; the head needs no ssh."""
        if host == self.conductor.head:
            worker = self.conductor.task.shell("bash -s", handler=self, stderr=True)
        else:
            worker = self.conductor.task.shell("sudo -n bash -s", nodes=host, handler=self, stderr=True)
        worker.hpcctl_host = host
        here = " ".join(self.conductor.here())
        worker.write(f"echo {HELLO}\nhosts_here='{here}'\n{self.scripts[host]}".encode())
        worker.set_write_eof()

    def ev_read(self, worker: Any, node: Any, sname: str, msg: bytes) -> None:
        """One line: of the protocol, or words that may explain a failure."""
        host, text = worker.hpcctl_host, msg.decode(errors="replace")
        if sname == worker.SNAME_STDOUT and text == HELLO:
            self.conductor.has_answered(host)
        elif sname == worker.SNAME_STDOUT and text.startswith("@@\t"):
            _, step, state, milliseconds, output = text.split("\t")
            words = base64.b64decode(output).decode(errors="replace")
            self.tell(host, step, state, int(milliseconds) / 1000, words)
        else:
            self.last_words[host] = text

    def ev_hup(self, worker: Any, node: Any, rc: int) -> None:
        """A host is done; one that cannot be reached is tried again until the deadline."""
        host = worker.hpcctl_host
        if rc == UNREACHABLE and self.conductor.may_retry(host):
            self.conductor.late.add(host)
            self.conductor.task.timer(self.conductor.pause, handler=Again(self, host))
        else:
            if rc and host not in self.conductor.failed:
                self.tell(host, "ssh", "failed", 0.0, self.last_words.get(host, f"exit code {rc}"))
            self.open.discard(host)
            self.conductor.ended(self, host, lost=rc == UNREACHABLE)
        self.conductor.go_on()

    def tell(self, host: str, step: str, state: str, seconds: float, output: str) -> None:
        """One result, at once."""
        if state == "failed":
            self.conductor.failed.add(host)
        line = {"host": host, "stage": self.name, "step": step, "state": state, "seconds": seconds}
        sys.stdout.write(json.dumps({**line, "output": output}) + "\n")
        sys.stdout.flush()


class Again(EventHandler):  # type: ignore[misc]
    """A timer that starts one host once more."""

    def __init__(self, run: StageRun, host: str) -> None:
        super().__init__()
        self.run = run
        self.host = host

    def ev_timer(self, timer: Any) -> None:
        """The wait is over."""
        if not self.run.conductor.is_over():
            self.run.start(self.host)


class Conductor:
    """The plan, and what is known of the hosts so far."""

    def __init__(self, plan: dict[str, Any], task: Task) -> None:
        self.head: str = plan["head"]
        self.nodes: list[str] = plan["nodes"]
        self.stages: list[dict[str, Any]] = plan["stages"]
        self.next = 0
        self.runs: list[StageRun] = []
        self.task = task
        self.deadline = time.monotonic() + plan["reach_seconds"]
        self.pause: float = plan["retry_seconds"]
        self.failed: set[str] = set()
        self.answered: set[str] = set()
        self.late: set[str] = set()
        self.lost: set[str] = set()
        task.set_info("fanout", plan["fanout"])
        task.set_info("connect_timeout", 10)
        task.set_info("ssh_user", plan["user"])
        task.set_info("ssh_options", plan["ssh_options"])

    def run(self) -> int:
        """All stages; a host that failed is left out of what follows, and a failed head ends the run."""
        self.go_on()
        self.task.resume()
        return 1 if self.failed else 0

    def has_answered(self, host: str) -> None:
        """It is there, and now at work like the others."""
        self.answered.add(host)
        self.late.discard(host)

    def may_retry(self, host: str) -> bool:
        """A node that boots refuses connections; one that has answered before does not boot."""
        return host not in self.answered and time.monotonic() < self.deadline

    def here(self) -> list[str]:
        """The hosts that are neither lost nor late, the head first: those that a script need wait for."""
        return [host for host in (self.head, *self.nodes) if host not in self.failed | self.late]

    def ended(self, run: StageRun, host: str, *, lost: bool) -> None:
        """One host has ended its part of a stage; what it missed because it was late is to be run again."""
        self.late.discard(host)
        if lost:
            self.lost.add(host)
        elif host not in self.failed:
            self.next = min(self.next, run.number + 1)

    def is_over(self) -> bool:
        """Without its head a cluster has nothing more to do."""
        return self.head in self.failed

    def go_on(self) -> None:
        """Begin stages as long as nobody is at work but hosts that are late."""
        while self.next < len(self.stages) and not self.is_over() and not self._anybody_at_work():
            stage = self.stages[self.next]
            if stage["waits"] and self.late:
                return
            if not (stage["whole"] and self.lost):
                self._begin(stage)
            self.next += 1

    def _anybody_at_work(self) -> bool:
        return any(run.open - self.late for run in self.runs)

    def _begin(self, stage: dict[str, Any]) -> None:
        scripts = {node: stage["compute"] for node in self.nodes if stage["compute"]}
        if stage["head"]:
            scripts[self.head] = stage["head"]
        own = stage.get("own", {})
        scripts = {
            host: scripts[host] + own.get(host, "") for host in scripts.keys() - self.failed - self.late
        }
        run = StageRun(self, self.next, stage["name"], scripts)
        self.runs.append(run)
        for host in scripts:
            run.start(host)


def main() -> int:
    """Exit code 0: every step on every host is as it should be."""
    # It warns of every host that hangs up before it has read its script: those that still boot.
    logging.getLogger("ClusterShell").addHandler(logging.NullHandler())
    return Conductor(json.load(sys.stdin), task_self()).run()


if __name__ == "__main__":
    sys.exit(main())
