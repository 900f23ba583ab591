"""What the shells are offered, through the scripts' own interface, and what that may cost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from hpcctl.aws.cache import cache_path, keep
from hpcctl.aws.catalog import Catalog, Offer
from hpcctl.cli.completion import SHELLS
from hpcctl.cli.main import VERBS
from hpcctl.workspace import Workspace
from tests.unit.cli.conftest import Hpcctl
from tests.unit.records import RECORD

Complete = Callable[[str], list[str]]
_HEAVY = "boto3 botocore rich moto fabric paramiko jinja2 hpcctl.sandbox"


@pytest.fixture
def complete(hpcctl: Hpcctl, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Complete:
    """What bash is told for a line that ends where <tab> is pressed."""

    def ask(line: str) -> list[str]:
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
        monkeypatch.setenv("_HPCCTL_COMPLETE", "bash_complete")
        capsys.readouterr()
        with pytest.raises(SystemExit):  # click ends the process that was asked
            hpcctl()
        said = capsys.readouterr()
        assert said.err == ""
        return [piece.partition(",")[2] for piece in said.out.splitlines() if piece]

    return ask


def test_verbs_and_their_options(complete: Complete) -> None:
    assert complete("hpcctl st") == ["stop", "start"]
    assert set(complete("hpcctl ")) == set(VERBS)
    assert "--json" in complete("hpcctl list --")
    assert "--version" in complete("hpcctl --")


def test_clusters_and_nodes(complete: Complete, demo: Workspace) -> None:
    assert complete("hpcctl show d") == ["demo"]
    assert complete("hpcctl ssh demo ") == ["head", "node001"]
    assert complete("hpcctl restart demo node001 ") == ["head"]
    assert complete("hpcctl ssh demo -- ") == []
    assert complete("hpcctl ssh nobody ") == []


def test_a_damaged_record_is_offered_all_the_same(complete: Complete, demo: Workspace) -> None:
    demo.record_path.write_text("{")
    assert complete("hpcctl show ") == ["demo"]
    assert complete("hpcctl ssh demo ") == []


def test_profiles_of_all_kinds(complete: Complete, home: Path) -> None:
    home.mkdir()
    (home / "config.hcl").write_text('profile "lab" {\n  region = "eu-central-1"\n}\n')
    folder = Path(os.environ["HOME"]) / ".aws"
    folder.mkdir()
    (folder / "config").write_text("[profile office]\nregion = us-east-1\n")
    assert complete("hpcctl --profile ") == ["aws", "lab", "office", "sandbox"]
    assert complete("hpcctl doctor --profile = o") == ["office"]  # as bash cuts --profile=o
    (home / "config.hcl").write_text("profile {")
    assert complete("hpcctl --profile s") == ["sandbox"]


def test_regions_and_files(complete: Complete) -> None:
    assert complete("hpcctl create --region eu-n") == ["eu-north-1"]
    assert complete("hpcctl create --key ~/.ss") == ["~/.ss"]  # bash itself goes on from there


def test_words_that_make_no_sense_stay_quiet(complete: Complete) -> None:
    complete("hpcctl nothing of the kind ")
    complete("hpcctl show --nope ")


@pytest.mark.parametrize(
    "line", ["hpcctl show ", "hpcctl ssh demo ", "hpcctl --profile ", "hpcctl create demo 2 "]
)
def test_completing_imports_nothing_heavy(line: str, demo: Workspace) -> None:
    script = (
        "import sys; from hpcctl.cli.main import run\n"
        "try: run([])\n"
        "except SystemExit: pass\n"
        f"assert not set(sys.modules) & set({_HEAVY!r}.split()), sorted(set(sys.modules) & set({_HEAVY!r}.split()))"
    )
    environment = {
        **os.environ,
        "COMP_WORDS": line,
        "COMP_CWORD": str(line.count(" ")),
        "_HPCCTL_COMPLETE": "zsh_complete",
    }
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_scripts_are_good_shell(shell: str, hpcctl: Hpcctl, tmp_path: Path) -> None:
    script = tmp_path / "script"
    said = hpcctl("completion", shell)
    assert said.code == 0
    script.write_text(said.out)
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    subprocess.run([program, "-n", script], check=True)


def test_bash_itself_completes(hpcctl: Hpcctl, demo: Workspace, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "hpcctl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m hpcctl "$@"\n')
    program.chmod(0o755)
    script = hpcctl("completion", "bash").out
    asked = f'{script}\nCOMP_WORDS=(hpcctl show de); COMP_CWORD=2; _hpcctl_completion hpcctl; echo "${{COMPREPLY[@]}}"'
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "demo"


def test_a_class_is_completed_beside_its_clusters(home: Path) -> None:
    from hpcctl.cli.completing import clusters

    for name in ("lab-01", "lab-02"):
        folder = home / "clusters" / name
        folder.mkdir(parents=True)
        (folder / "cluster.json").write_text('{"phase": "ready", "spec": {"class_name": "lab"}}')
    Workspace(home=home, name="demo").save(replace(RECORD))
    assert clusters(home) == (
        ("demo", "ready"),
        ("lab-01", "ready"),
        ("lab-02", "ready"),
        ("lab", "a class of 2"),
    )


def test_instance_types_are_those_that_were_asked_for_before(complete: Complete, home: Path) -> None:
    assert complete("hpcctl create demo 2 c5") == []
    offers = tuple(
        Offer(
            name=name,
            vcpus=2,
            cores=1,
            memory_mib=4096,
            network="",
            efa=False,
            architecture="x86_64",
            gpus="",
            spot=True,
            zones=("us-east-1a",),
            usd=None,
        )
        for name in ("c5.large", "m5.large")
    )
    kept = asdict(Catalog(region="us-east-1", day="2026-01-02", offers=offers))
    keep(cache_path(home, "types", "us-east-1"), kept)
    assert complete("hpcctl create demo 2 c5") == ["c5.large"]
    assert complete("hpcctl spot-history m") == ["m5.large"]
    assert complete("hpcctl types m5.large c") == ["c5.large"]
