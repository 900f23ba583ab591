"""The console script, and ``python -m hpcctl``."""

import gc
import sys

_OBJECTS = 50_000
"""Made between two searches for circles that nobody needs. What is imported makes many objects and no circles: with
Python's own number those searches take a tenth of ``hpcctl validate``."""


def main() -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(_OBJECTS)
    from hpcctl.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
