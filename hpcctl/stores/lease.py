"""The lock of a shared cluster: an object in the bucket that its holder renews while it lives.

It is made, renewed, taken over and removed by conditional requests only, and its age is told by S3's own clock:
what time the machines think it is does not matter.
"""

from __future__ import annotations

import _thread
import contextlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from hpcctl.aws.objects import Place, delete, read, write
from hpcctl.decode import decode
from hpcctl.errors import ChangedMeanwhile, CloudError, Locked, LockLost, StateError
from hpcctl.locks import Holder

LEASE_SECONDS = 120.0
"""A lock that was not renewed for so long is nobody's."""

RENEW_SECONDS = 20.0
MARGIN_SECONDS = 20.0
POLL_SECONDS = 2.0
# Unlike the plain monotonic clock this one counts the time that a machine was asleep.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the lock says: who, where, which process, doing what; ``home`` tells one HPCCTL_HOME from another."""

    who: str
    host: str
    home: str
    pid: int
    verb: str
    since: str
    token: str
    beat: int = 0

    def is_of(self, other: Claim) -> bool:
        """Was it made on the same machine and from the same HPCCTL_HOME?"""
        return (self.host, self.home) == (other.host, other.home)

    @property
    def holder(self) -> Holder:
        """As one tells it."""
        return Holder(pid=self.pid, verb=self.verb, since=self.since, host=self.host, who=self.who)


def read_claim(place: Place, key: str) -> Claim | None:
    """Who has the lock now; None where nobody has, or who had it is dead."""
    stored = read(place, key)
    return _parsed(stored.body) if stored and stored.age_seconds < LEASE_SECONDS else None


class Lease:
    """A lock that we have. ``confirm`` before anything is written; ``release`` at the end."""

    def __init__(self, place: Place, key: str, claim: Claim, etag: str) -> None:
        self._place, self._key, self._claim, self._etag = place, key, claim, etag
        self._renewed = _now()
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._lost = ""
        self._interrupts = threading.current_thread() is threading.main_thread()
        self._thread = threading.Thread(target=self._keep, name=f"lease of {key}", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> bool:
        """Has somebody else taken it, or could it not be renewed in time?"""
        return bool(self._lost)

    def confirm(self) -> None:
        """LockLost unless the lock is ours now, and for some time to come."""
        if not self._lost and _now() - self._renewed > LEASE_SECONDS - MARGIN_SECONDS:
            self._renew()
        if self._lost:
            raise LockLost(
                f"the lock on {self._key} is lost: {self._lost}; nothing more was written down",
                hint="see `hpcctl show`; then the same command again",
            )

    def release(self) -> None:
        """Give it back; what somebody else has taken over is left alone."""
        self._ended.set()
        self._thread.join()
        if not self._lost:
            # Without an answer it runs out by itself.
            with contextlib.suppress(CloudError, StateError):
                delete(self._place, self._key, over=self._etag)

    def _keep(self) -> None:
        while not self._ended.wait(RENEW_SECONDS):
            self._renew()
            if self._lost:
                if self._interrupts and not self._ended.is_set():
                    _thread.interrupt_main()  # as Ctrl-C would: Terraform ends cleanly, a connection is closed
                return

    def _renew(self) -> None:
        with self._guard:
            claim = replace(self._claim, beat=self._claim.beat + 1)
            asked = _now()
            try:
                self._etag = write(self._place, self._key, _text(claim), over=self._etag)
            except ChangedMeanwhile:
                self._lost = self._taker()
            except (CloudError, StateError) as error:
                if asked - self._renewed > LEASE_SECONDS - MARGIN_SECONDS:
                    self._lost = f"it could not be renewed ({error.message})"
            else:
                self._claim, self._renewed = claim, asked

    def _taker(self) -> str:
        with contextlib.suppress(CloudError, StateError):
            other = read_claim(self._place, self._key)
            if other:
                return f"{other.holder} has taken it over"
        return "somebody has removed it"


def acquire(
    place: Place, key: str, claim: Claim, *, wait: bool = False, say: Callable[[str], None] | None = None
) -> tuple[Lease, Claim | None]:
    """The lock, or Locked that names its holder; with ``wait``, be patient.

    The second value is whose lock was taken over, if it was a dead one's.
    """
    told = False
    while True:
        stored = read(place, key)
        present = _parsed(stored.body) if stored else None
        is_free = not stored or stored.age_seconds >= LEASE_SECONDS
        if is_free or (
            present and present.is_of(claim)
        ):  # we hold this machine's own lock: that process is dead
            with contextlib.suppress(ChangedMeanwhile):
                etag = write(place, key, _text(claim), over=stored.etag if stored else None)
                return Lease(place, key, claim, etag), present
            continue
        who = str(present.holder) if present else "another hpcctl"
        if not wait:
            raise Locked(
                f"{key.split('/')[1]} is in use by {who}",
                hint=f"wait until it is done (--wait); if it is dead, its lock ends within {LEASE_SECONDS:.0f} s",
            )
        if say and not told:
            say(f"waiting for {who}")
            told = True
        time.sleep(POLL_SECONDS)


def _text(claim: Claim) -> bytes:
    return json.dumps(asdict(claim), indent=2).encode()


def _parsed(body: bytes) -> Claim | None:
    try:
        return decode(Claim, json.loads(body))
    except ValueError:
        return None


def _now() -> float:
    return time.clock_gettime(_CLOCK)
