"""AWS on this machine, for one HPCCTL_HOME: a background process, its machines, and how to reach it.

Only the command line imports this package; everything else knows a ``Cloud`` with an endpoint.
"""

from hpcctl.sandbox.control import clean, cloud, down, ensure_up, running, status
from hpcctl.sandbox.spawn import Wanted

__all__ = ["Wanted", "clean", "cloud", "down", "ensure_up", "running", "status"]
