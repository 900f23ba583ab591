"""``python -m tests.sandbox.small_disk HOME PROFILE``: a cluster on a disk that fills up meanwhile.

Runs in mount and user namespaces of its own (``unshare -rm``), where it may mount a small tmpfs. Writes JSON: how
every command ended, and what it said.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from tests.patience import PATIENCE

HPCCTL = [sys.executable, "-m", "hpcctl"]


def mount(home: Path, *options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(home)], check=True)


def ended(*words: str) -> dict[str, object]:
    done = subprocess.run([*HPCCTL, *words], capture_output=True, text=True, timeout=PATIENCE, check=False)
    return {"code": done.returncode, "err": done.stderr, "out": done.stdout}


def fill(home: Path) -> Path:
    """Until there is no byte left."""
    ballast = home / "ballast"
    subprocess.run(["dd", "if=/dev/zero", f"of={ballast}", "bs=4k"], capture_output=True, check=False)
    with ballast.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(b"0")
        except OSError:
            return ballast


def create_on_a_full_disk(create: list[str]) -> dict[str, object]:
    """Full from the beginning."""
    return ended(*create)


def create_while_it_fills_up(home: Path, create: list[str]) -> dict[str, object]:
    """Full from the moment on when Terraform makes machines."""
    log = home / "clusters" / "tight" / "log" / "terraform.log"
    with subprocess.Popen(
        [*HPCCTL, *create], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        deadline = time.monotonic() + PATIENCE
        while not (log.exists() and "aws_instance" in log.read_text() and '"apply_start"' in log.read_text()):
            assert run.poll() is None, run.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        fill(home)
        out, err = run.communicate(timeout=PATIENCE)
    return {"code": run.returncode, "err": err, "out": out}


def main(home: Path, profile: str) -> None:
    """The steps of the story, in their order."""
    mount(home, "size=200m", "mode=0700")
    (home / "config.hcl").write_text(profile)
    create = ["--profile", "lab", "create", "tight", "2", "c5.xlarge", "4"]
    ballast = fill(home)
    story = {"full": create_on_a_full_disk(create), "list full": ended("list")}
    ballast.unlink()
    story["filling"] = create_while_it_fills_up(home, create)
    story["show"] = ended("show", "tight")
    story["doctor"] = ended("doctor", "--profile", "lab")
    (home / "ballast").unlink()
    story["terminate"] = ended("terminate", "--yes", "tight")
    story["list"] = ended("list", "--json")
    sys.stdout.write(json.dumps(story))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
