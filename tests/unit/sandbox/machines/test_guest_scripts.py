"""The scripts that run inside a machine, as far as a shell can try them without one."""

from __future__ import annotations

import socket
import subprocess
import threading
from pathlib import Path

import pytest

from hpcctl.resources import data_folder

SANDBOX = data_folder("templates") / "image" / "sandbox"
SCRIPTS = sorted(SANDBOX.glob("*.sh"))


def bash(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-eu", "-c", f". {SANDBOX}/lib.sh\n{code}"],
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("script", [*SCRIPTS, SANDBOX.parent / "install.sh"], ids=lambda path: path.name)
def test_scripts_are_sound_shell(script: Path) -> None:
    first_line = script.read_text().splitlines()[0]
    shell = "bash" if "bash" in first_line else "sh"
    done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_every_file_of_the_image_is_put_in_place() -> None:
    setup = (SANDBOX / "setup.sh").read_text()
    run_by_mmdebstrap = {"setup.sh", "bake.sh", "prepare.sh"}
    for path in SANDBOX.iterdir():
        assert path.name in run_by_mmdebstrap or f" {path.name} /" in setup


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    for name, address in (("eth0", "0a:00:00:00:00:07"), ("eth1", "02:68:70:63:74:6c"), ("lo", "00:00")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "address").write_text(address + "\n")
    return tmp_path


def test_find_cards_tells_them_apart_by_address(cards: Path) -> None:
    code = (SANDBOX / "lib.sh").read_text().replace("/sys/class/net", str(cards))
    done = bash(f'{code}\nfind_cards; echo "$outer $private $mac"')
    assert done.stdout.split() == ["eth1", "eth0", "0a:00:00:00:00:07"]


class Service:
    """Answers every connection with the same bytes, and keeps what was asked."""

    def __init__(self, answer: bytes) -> None:
        self.asked: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._answer = answer
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with self._listener:
            while True:
                connection, _ = self._listener.accept()
                with connection:
                    request = b""
                    while not request.endswith(b"\r\n\r\n"):  # the shell writes line by line
                        request += connection.recv(4096)
                        if request == b"stop":
                            return
                    self.asked.append(request)
                    connection.sendall(self._answer)

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(b"stop")
        self._thread.join()


@pytest.fixture
def service(request: pytest.FixtureRequest):
    service = Service(request.param)
    yield service
    service.close()


def asking(service: Service, code: str) -> subprocess.CompletedProcess[str]:
    library = (
        (SANDBOX / "lib.sh").read_text().replace("/dev/tcp/$imds/80", f"/dev/tcp/127.0.0.1/{service.port}")
    )
    return bash(f"{library}\ntoken=secret\n{code}")


@pytest.mark.parametrize(
    "service", [b"HTTP/1.0 200 OK\r\nDate: x\r\nContent-Length: 9\r\n\r\n10.0.0.10"], indirect=True
)
def test_fact_is_the_body_without_a_line_end(service: Service) -> None:
    done = asking(service, 'fact meta-data/local-ipv4; echo "<$line>"')
    assert (done.stdout, done.stderr) == ("<10.0.0.10>\n", "")
    assert service.asked[0].startswith(b"GET /latest/meta-data/local-ipv4 HTTP/1.0\r\n")
    assert b"X-aws-ec2-metadata-token: secret\r\n\r\n" in service.asked[0]


@pytest.mark.parametrize("service", [b"HTTP/1.1 404 Not Found\r\n\r\nno such thing"], indirect=True)
def test_fact_and_document_that_are_missing(service: Service, tmp_path: Path) -> None:
    target = tmp_path / "document"
    code = f'fact x || echo none "<$line>"; document user-data {target} || echo no document'
    assert asking(service, code).stdout == "none <>\nno document\n"
    assert not target.exists()


@pytest.mark.parametrize("service", [b"HTTP/1.1 200 OK\r\n\r\n\x1f\x8b\x00\r\n\xff"], indirect=True)
def test_document_is_kept_byte_for_byte_and_private(service: Service, tmp_path: Path) -> None:
    target = tmp_path / "document"
    asking(service, f"document user-data {target}")
    assert target.read_bytes() == b"\x1f\x8b\x00\r\n\xff"
    assert target.stat().st_mode & 0o077 == 0


def test_the_bake_writes_to_descriptors_of_two_digits(tmp_path: Path) -> None:
    last = (SANDBOX / "bake.sh").read_text().splitlines()[-1]
    assert last.endswith('>&"$descriptor"')
    done = subprocess.run(
        ["bash", "-c", f'descriptor=17; exec 17>{tmp_path}/out; echo image >&"$descriptor"'], check=False
    )
    assert (done.returncode, (tmp_path / "out").read_text()) == (0, "image\n")
