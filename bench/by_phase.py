"""``python -m bench.by_phase VERB NAME``: a verb on a cluster, and as JSON how long it and its phases took."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict

from hpcctl.cli.progress import Recorder
from hpcctl.home import home_folder
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.starting import start
from hpcctl.lifecycle.stopping import stop

VERBS: dict[str, Callable[..., object]] = {"start": start, "stop": stop}


def main(verb: str, name: str) -> None:
    """The verb itself is the first timing."""
    progress = Recorder()
    with progress.phase(verb):
        VERBS[verb](name, context=Context(home=home_folder(os.environ), progress=progress))
    sys.stdout.write(json.dumps([asdict(timing) for timing in progress.timings]))


if __name__ == "__main__":
    main(*sys.argv[1:])
