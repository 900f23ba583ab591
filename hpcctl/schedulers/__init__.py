"""The schedulers there are, by name."""

from hpcctl.schedulers.base import Scheduler
from hpcctl.schedulers.sge import Sge

SCHEDULERS: dict[str, Scheduler] = {"sge": Sge()}
