"""The image, made in the background: the API answers meanwhile, and instances wait for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from hpcctl.errors import SandboxError
from hpcctl.sandbox.model import Machines
from hpcctl.sandbox.record import ImageState, ImageStatus

_LOG = logging.getLogger(__name__)
_LOOK_AGAIN = 0.5


class Preparation:
    """``Machines.prepare`` as a background job that can be watched and waited for."""

    def __init__(self, machines: Machines) -> None:
        self._machines = machines
        self._finished = threading.Event()
        self._error: SandboxError | None = None
        self._said = "looking for it"

    def begin(self) -> None:
        """Start the job."""
        threading.Thread(target=self._run, name="prepare", daemon=True).start()

    def wait(self, wanted: Callable[[], bool]) -> bool:
        """Wait until it is done; False as soon as it is no longer ``wanted``. Raises what made it fail."""
        while not self._finished.wait(_LOOK_AGAIN):
            if not wanted():
                return False
        if self._error:
            raise SandboxError(self._error.message, hint=self._error.hint)
        return wanted()

    def status(self) -> ImageStatus:
        """How far it is."""
        if self._error:
            return ImageStatus(state=ImageState.FAILED, detail=self._error.message, hint=self._error.hint)
        state = ImageState.READY if self._finished.is_set() else ImageState.PREPARING
        return ImageStatus(state=state, detail="" if self._finished.is_set() else self._said)

    def _run(self) -> None:
        try:
            self._machines.prepare(self._say)
        except SandboxError as error:
            _LOG.error("no image: %s (%s)", error.message, error.hint)
            self._error = error
        except Exception as error:  # a thread's last word: whoever waits must hear of it
            _LOG.exception("no image")
            self._error = SandboxError(
                f"the image could not be made: {error}", hint="see: hpcctl sandbox logs"
            )
        finally:
            self._finished.set()

    def _say(self, text: str) -> None:
        self._said = text
        _LOG.info("image: %s", text)
