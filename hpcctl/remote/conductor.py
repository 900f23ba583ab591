"""Runs on the head, not here: takes a plan, runs its stages on all hosts, tells how every step went.

Standard library and ClusterShell only, Python 3.9 and later. Its standard input is the plan (JSON), its
standard output one JSON object a line: {"host", "stage", "step", "state", "seconds", "output"}.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from typing import Any

from ClusterShell.Event import EventHandler
from ClusterShell.Task import Task, task_self

UNREACHABLE = 255  # ssh's own exit code, as opposed to the command's
RETRY_SECONDS = 1.0


class StageRun(EventHandler):  # type: ignore[misc]
    """One stage on all its hosts; the scripts' protocol is in lib.sh."""

    def __init__(self, conductor: Conductor, name: str, scripts: dict[str, str]) -> None:
        super().__init__()
        self.conductor = conductor
        self.name = name
        self.scripts = scripts
        self.last_words: dict[str, str] = {}

    def start(self, host: str) -> None:
        """Run the stage's script on one host; the head needs no ssh."""
        if host == self.conductor.head:
            worker = self.conductor.task.shell("bash -s", handler=self, stderr=True)
        else:
            worker = self.conductor.task.shell("sudo -n bash -s", nodes=host, handler=self, stderr=True)
        worker.hpcctl_host = host
        worker.write(self.scripts[host].encode())
        worker.set_write_eof()

    def ev_read(self, worker: Any, node: Any, sname: str, msg: bytes) -> None:
        """One line: of the protocol, or words that may explain a failure."""
        text = msg.decode(errors="replace")
        if sname == worker.SNAME_STDOUT and text.startswith("@@\t"):
            _, step, state, milliseconds, output = text.split("\t")
            words = base64.b64decode(output).decode(errors="replace")
            self.tell(worker.hpcctl_host, step, state, int(milliseconds) / 1000, words)
        else:
            self.last_words[worker.hpcctl_host] = text

    def ev_hup(self, worker: Any, node: Any, rc: int) -> None:
        """A host is done; one that cannot be reached is tried again until the deadline."""
        host = worker.hpcctl_host
        if not rc or host in self.conductor.failed:
            return
        if rc == UNREACHABLE and self.conductor.may_retry(host):
            self.conductor.task.timer(RETRY_SECONDS, handler=Again(self, host))
            return
        self.tell(host, "ssh", "failed", 0.0, self.last_words.get(host, f"exit code {rc}"))

    def tell(self, host: str, step: str, state: str, seconds: float, output: str) -> None:
        """One result, at once."""
        self.conductor.spoken.add(host)
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
        self.run.start(self.host)


class Conductor:
    """The plan, and what is known of the hosts so far."""

    def __init__(self, plan: dict[str, Any], task: Task) -> None:
        self.plan = plan
        self.head: str = plan["head"]
        self.task = task
        self.deadline = time.monotonic() + plan["reach_seconds"]
        self.failed: set[str] = set()
        self.spoken: set[str] = set()
        task.set_info("fanout", plan["fanout"])
        task.set_info("connect_timeout", 10)
        task.set_info("ssh_user", plan["user"])
        task.set_info("ssh_options", plan["ssh_options"])

    def may_retry(self, host: str) -> bool:
        """A node that boots refuses connections; one that has answered before does not boot."""
        return host not in self.spoken and time.monotonic() < self.deadline

    def run(self) -> int:
        """All stages; a host that failed is left out of what follows, and a failed head ends the run."""
        for stage in self.plan["stages"]:
            scripts = {node: stage["compute"] for node in self.plan["nodes"] if stage["compute"]}
            if stage["head"]:
                scripts[self.head] = stage["head"]
            run = StageRun(self, stage["name"], scripts)
            for host in scripts.keys() - self.failed:
                run.start(host)
            self.task.resume()
            if self.head in self.failed:
                break
        return 1 if self.failed else 0


def main() -> int:
    """Exit code 0: every step on every host is as it should be."""
    return Conductor(json.load(sys.stdin), task_self()).run()


if __name__ == "__main__":
    sys.exit(main())
