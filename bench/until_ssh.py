"""``python -m bench.until_ssh NAME NODES``: create, up to the moment when a machine would be needed.

All that ``hpcctl create`` does before its first connection, by the same functions in one process; then the text
that would go over that connection is made, with everything imported that a create imports. Writes JSON: phases,
and the most memory that this process, and any one child of it, had.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import fabric

import hpcctl.cli.live
import hpcctl.cli.main
from bench.homes import SHARE_GIB, TYPE
from hpcctl import sandbox
from hpcctl.cli.progress import Recorder
from hpcctl.configure import check_stages, configure_stages
from hpcctl.errors import HpcctlError
from hpcctl.home import home_folder
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.creating import CreateRequest, create
from hpcctl.lifecycle.viewing import cluster_view
from hpcctl.remote.plan import plan_text
from hpcctl.schedulers import scheduler
from hpcctl.spec.arguments import Arguments, spec_from
from hpcctl.workspace import Workspace

LOADED = (fabric, hpcctl.cli.live, hpcctl.cli.main)


class Reached(HpcctlError):
    """Terraform is done, and SSH would be next."""


class UntilSsh(Recorder):
    """Times the phases, and ends the run where it would wait for a machine."""

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        if name == "wait for ssh":
            raise Reached("far enough")
        with super().phase(name):
            yield


def main(name: str, nodes: str) -> None:
    """Make the cluster; its machines are records."""
    home, progress = home_folder(os.environ), UntilSsh()
    spec = spec_from(Arguments(name=name, nodes=nodes, instance_type=TYPE, share_gib=SHARE_GIB))
    try:
        create(
            CreateRequest(spec=spec, cloud=sandbox.cloud(home)),
            context=Context(home=home, progress=progress),
        )
    except Reached:
        workspace = Workspace(home=home, name=name)
        view, sge = cluster_view(workspace, workspace.load()), scheduler("sge")
        text = plan_text(view, (*configure_stages(view, sge), *check_stages(view, sge)))
    answer = {
        "phases": [asdict(timing) for timing in progress.timings],
        "plan_bytes": len(text.encode()),
        "own_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "child_kib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
    }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
