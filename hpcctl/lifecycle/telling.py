"""What a run of steps tells: phases to the person who waits, every step to the cluster's log."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from hpcctl.configure import CHECK_STAGES
from hpcctl.files import PRIVATE_FILE, private_folder
from hpcctl.progress import Progress
from hpcctl.steps.model import State, StepResult


class StepLog:
    """What every step did and when: one JSON object a line, appended, for this user only."""

    def __init__(self, path: Path) -> None:
        private_folder(path.parent)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE)
        self._file = os.fdopen(handle, "w", encoding="utf-8")

    def __enter__(self) -> StepLog:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def told(self, result: StepResult) -> None:
        """One step ended on one host."""
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        self._file.write(json.dumps({"time": now, **asdict(result), "state": result.state.value}) + "\n")
        self._file.flush()


class StagePhases:
    """Shows the stages of a run as the phases "configure" and "check", as their results come in."""

    def __init__(self, progress: Progress, first: str) -> None:
        self._progress = progress
        self._first = first
        self._shown = ""
        self._open = ExitStack()

    def __enter__(self) -> StagePhases:
        self._show(self._first)
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def told(self, result: StepResult) -> None:
        """One step ended on one host."""
        self._show(result.stage)
        if result.state is State.FAILED:
            self._progress.warn(f"{result.host}: {result.step} failed")
        else:
            self._progress.detail(f"{result.host}: {result.step}")
            for line in result.output.splitlines():
                self._progress.note(f"{result.host}: {line}")

    def _show(self, stage: str) -> None:
        phase = "check" if stage in CHECK_STAGES else "configure"
        if phase != self._shown:
            self._open.close()
            self._open.enter_context(self._progress.phase(phase))
            self._shown = phase
