"""What every verb is given besides its own words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hpcctl.progress import Progress


@dataclass(frozen=True, kw_only=True)
class Context:
    """``home`` is $HPCCTL_HOME; ``wait``: be patient with a lock that another hpcctl holds."""

    home: Path
    progress: Progress
    wait: bool = False
