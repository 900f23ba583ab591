"""``python -m hpcctl.sandbox``: the service itself, as ``hpcctl sandbox up`` starts it in the background."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from hpcctl.errors import SandboxError
from hpcctl.sandbox.service import Settings, serve


def main() -> int:
    """Serve with the settings of the command line; whatever is logged goes to stderr."""
    parser = argparse.ArgumentParser(prog="hpcctl.sandbox")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True, help="the first to try")
    parser.add_argument("--port-tries", type=int, default=1)
    parser.add_argument("--ssh-port", type=int, required=True)
    parser.add_argument("--no-machines", action="store_true")
    parser.add_argument("--cold-boot", action="store_true")
    given = parser.parse_args()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", stream=sys.stderr
    )
    settings = Settings(
        home=given.home,
        ports=range(given.port, given.port + given.port_tries),
        ssh_port=given.ssh_port,
        machines=not given.no_machines,
        cold_boot=given.cold_boot,
    )
    try:
        serve(settings)
    except SandboxError as error:
        logging.getLogger("hpcctl.sandbox").error("%s", error.message)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
