"""Terraform as hpcctl uses it: one adapter around one process at a time.

::

    find_terraform(home)          which binary, new enough or a clear error
    Terraform.apply(folder, ...)  init if needed, apply, every event as it comes, the outputs at the end
    Terraform.planned(folder)     what that would change, and the file to apply exactly that
    Terraform.destroy(folder)     the same, the other way

python-terraform builds the command lines (``commands``); the process is ours (``process``), because that
package can neither stream nor stop cleanly.
"""

from hpcctl.terraform.adapter import STATE_FILE, Terraform, Wish, find_terraform, parallelism_for
from hpcctl.terraform.binary import Binary
from hpcctl.terraform.events import Diagnostic, Event
from hpcctl.terraform.plans import Plan, PlannedChange

__all__ = [
    "STATE_FILE",
    "Binary",
    "Diagnostic",
    "Event",
    "Plan",
    "PlannedChange",
    "Terraform",
    "Wish",
    "find_terraform",
    "parallelism_for",
]
