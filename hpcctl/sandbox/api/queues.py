"""One queue of work for each instance: its orders in their order, those of others at the same time."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from hpcctl.errors import SandboxError

_LOG = logging.getLogger(__name__)
Job = Callable[[], None]


class Queues:
    """A thread for each instance that has something to do, and none for the others."""

    def __init__(self) -> None:
        self._jobs: dict[str, deque[Job]] = {}
        self._lock = threading.Lock()

    def add(self, instance_id: str, job: Job) -> None:
        """Do ``job`` when all that was asked of this instance before is done. What it raises is logged."""
        with self._lock:
            jobs = self._jobs.setdefault(instance_id, deque())
            jobs.append(job)
            idle = len(jobs) == 1
        if idle:
            threading.Thread(
                target=self._work, args=(instance_id, jobs), name=instance_id, daemon=True
            ).start()

    def _work(self, instance_id: str, jobs: deque[Job]) -> None:
        while True:
            try:
                jobs[0]()
            except SandboxError as error:
                _LOG.error("%s: %s (%s)", instance_id, error.message, error.hint)
            except Exception:  # one instance's misfortune must not end the others' service
                _LOG.exception("%s", instance_id)
            with self._lock:
                jobs.popleft()
                if not jobs:
                    del self._jobs[instance_id]
                    return
