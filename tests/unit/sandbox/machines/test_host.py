from __future__ import annotations

from pathlib import Path

import pytest

from hpcctl.errors import SandboxError
from hpcctl.sandbox.machines import host


def test_program_missing_names_the_package(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(host, "_SYSTEM_FOLDERS", str(tmp_path))
    with pytest.raises(SandboxError) as caught:
        host.program("vde_switch")
    assert "apt-get install vde2" in caught.value.hint


def test_require_programs_names_everything_at_once(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(host, "_SYSTEM_FOLDERS", str(tmp_path))
    monkeypatch.setattr(host.platform, "machine", lambda: "x86_64")
    with pytest.raises(SandboxError) as caught:
        host.require_programs()
    assert "qemu-system-x86_64" in caught.value.message
    assert {"qemu-system-x86", "qemu-utils", "vde2", "mmdebstrap"} <= set(caught.value.hint.split())


def test_require_programs_refuses_other_processors(monkeypatch) -> None:
    monkeypatch.setattr(host.platform, "machine", lambda: "aarch64")
    with pytest.raises(SandboxError, match="aarch64"):
        host.require_programs()


@pytest.mark.parametrize(
    ("flags", "present", "expected"),
    [
        ("fpu vmx sse", True, True),
        ("svm", True, True),
        ("fpu sse", True, False),
        ("fpu vmx", False, False),
        ("fpu vmx_like", True, False),
    ],
)
def test_has_kvm_needs_processor_and_device(
    tmp_path: Path, flags: str, present: bool, expected: bool
) -> None:
    cpuinfo, device = tmp_path / "cpuinfo", tmp_path / "kvm"
    cpuinfo.write_text(f"model name : vmx\nflags\t\t: {flags}\n")
    if present:
        device.touch()
    assert host.has_kvm(cpuinfo, device) is expected


def test_require_space_names_the_folder(tmp_path: Path) -> None:
    host.require_space(tmp_path, 0, purpose="nothing")
    with pytest.raises(SandboxError, match=str(tmp_path)):
        host.require_space(tmp_path, 10**9, purpose="everything")


def test_require_memory(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 4000000 kB\nMemAvailable:  400000 kB\n")
    host.require_memory(512, meminfo)
    with pytest.raises(SandboxError, match="390 MiB"):
        host.require_memory(1024, meminfo)
    host.require_memory(1024, tmp_path / "no such file")
