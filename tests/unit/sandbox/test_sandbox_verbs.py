"""``hpcctl sandbox`` as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hpcctl import sandbox
from hpcctl.cli.main import run
from hpcctl.sandbox.paths import SandboxPaths, private_folder
from hpcctl.sandbox.record import ImageState, ImageStatus, ServiceRecord, ServiceStatus

RECORD = ServiceRecord(
    pid=1,
    port=4599,
    token="7c9e",
    ssh_port=2222,
    machines=True,
    cold_boot=False,
    started="now",
    sockets="/nowhere",
)
UP = ServiceStatus(
    record=RECORD,
    image=ImageStatus(state=ImageState.PREPARING, detail="installs packages"),
    instances={"running": 2, "terminated": 1},
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HPCCTL_HOME", str(tmp_path))
    return tmp_path


def test_status_of_none_says_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "status"]) == 0
    assert "hpcctl sandbox up" in capsys.readouterr().out
    assert run(["sandbox", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"state": "down"}


def test_status_shows_image_and_instances_and_that_all_is_in_memory(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "status", lambda home: UP)
    assert run(["sandbox", "status"]) == 0
    shown = capsys.readouterr()
    assert "preparing: installs packages" in shown.out
    assert "2 running, 1 terminated" in shown.out
    assert "lost when the sandbox ends" in shown.err
    assert run(["sandbox", "status", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["endpoint"], told["instances"]) == (
        "http://127.0.0.1:4599/7c9e",
        {"running": 2, "terminated": 1},
    )


def test_down_of_none_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "down"]) == 0
    assert "down already" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "80", "70000", "http"])
def test_a_port_that_cannot_be_is_a_usage_error(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "up", "--port", port]) == 2
    assert "--port" in capsys.readouterr().err


def test_up_without_qemu_names_the_package(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("PATH", str(home))
    assert run(["sandbox", "up"]) == 1
    said = capsys.readouterr().err
    assert "qemu-system" in said and "hint:" in said
    assert not (home / "sandbox" / "service.json").exists()


def test_logs_are_shown_and_missed_when_there_are_none(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    assert run(["sandbox", "logs"]) == 1
    assert "never started" in capsys.readouterr().err
    paths = SandboxPaths(home=home)
    private_folder(paths.folder)
    paths.log.write_text("one\ntwo\n")
    assert run(["sandbox", "logs", "-f"]) == 0
    assert capsys.readouterr().out == "one\ntwo\n"


def test_images_of_a_running_sandbox_are_not_removed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "running", lambda home: RECORD)
    assert run(["sandbox", "image", "clean"]) == 1
    assert "sandbox down" in capsys.readouterr().err


def test_no_image_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "image", "list"]) == 0
    assert "no image" in capsys.readouterr().err


@pytest.mark.parametrize(
    "verb", [[], ["up"], ["down"], ["status"], ["logs"], ["image", "build"], ["image", "clean"]]
)
def test_every_help_has_examples(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", *verb, "--help"]) == 0
    assert "Examples:" in capsys.readouterr().out


def test_status_needs_neither_boto3_nor_moto() -> None:
    code = (
        "import sys; from hpcctl.cli.main import run; run(['sandbox', 'status']);"
        "sys.exit(bool({'boto3', 'moto', 'flask', 'rich', 'werkzeug'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
