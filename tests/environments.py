"""The environment of an hpcctl with a home, and a user's folder, of its own."""

from __future__ import annotations

import os
from pathlib import Path

_DROPPED = ("AWS_", "HPCCTL_HOME", "HPCCTL_PROFILE")


def own_environment(home: Path, user: Path) -> dict[str, str]:
    """That of whoever runs the tests, but for AWS and for where things are."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    return {**kept, "HPCCTL_HOME": str(home), "HOME": str(user), "NO_COLOR": "1"}
