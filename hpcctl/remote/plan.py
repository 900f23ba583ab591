"""What the conductor is given: stages as scripts for the head and for the compute nodes. Pure."""

from __future__ import annotations

import json

from hpcctl.spec.model import Role
from hpcctl.steps.model import Stage
from hpcctl.steps.script import own_scripts, script_for
from hpcctl.steps.view import ClusterView

KEY_PATH = "/etc/hpcctl/cluster_key"
FANOUT = 64
REACH_SECONDS = 600
"""How long a compute node may take from the head's first attempt until it answers SSH."""
RETRY_SECONDS = 1.0
"""How long the head waits before it tries such a node once more."""


def plan_text(view: ClusterView, stages: tuple[Stage, ...], *, reach_seconds: float = REACH_SECONDS) -> str:
    """JSON for ``remote.conductor``. It holds private keys: never log it."""
    options = [
        f"-oIdentityFile={KEY_PATH}",
        "-oIdentitiesOnly=yes",
        "-oStrictHostKeyChecking=yes",
        # One connection a node for all stages: under emulation a handshake costs a second.
        "-oControlMaster=auto",
        "-oControlPath=/run/hpcctl-%C",
        "-oControlPersist=30",
        # A node that dies is noticed within half a minute.
        "-oServerAliveInterval=10",
        "-oServerAliveCountMax=3",
    ]
    return json.dumps(
        {
            "head": view.head.name,
            "nodes": [host.name for host in view.compute],
            "user": view.user,
            "fanout": FANOUT,
            "reach_seconds": reach_seconds,
            "retry_seconds": RETRY_SECONDS,
            "ssh_options": " ".join(options),
            "stages": [
                {
                    "name": stage.name,
                    "head": script_for(stage, Role.HEAD),
                    "compute": script_for(stage, Role.COMPUTE),
                    "waits": stage.waits,
                    "whole": stage.whole,
                    "own": own_scripts(stage),
                }
                for stage in stages
            ],
        }
    )
