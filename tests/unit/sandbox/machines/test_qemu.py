from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

from hpcctl.sandbox.machines.qemu import (
    DISK_SLOTS,
    Drive,
    Engine,
    Hardware,
    Kernel,
    Memory,
    OuterCard,
    PrivateCard,
    command_line,
    forward,
)

HARDWARE = Hardware(
    name="i-0123456789abcdef0",
    engine=Engine(kvm=False),
    kernel=Kernel(kernel=Path("/i/kernel"), initrd=Path("/i/initrd"), words="root=x quiet"),
    root=Path("/m/root.qcow2"),
    console=Path("/m/console.log"),
    outer=OuterCard(
        metadata_socket=Path("/run/imds"), api_socket=Path("/run/api"), public_ip="127.9.8.7", ssh_port=2222
    ),
    private=PrivateCard(mac="0a:00:00:00:00:01", switch=Path("/run/switch")),
)


def words_of(hardware: Hardware) -> list[str]:
    return command_line(hardware, control=9, qemu="/bin/qemu", relay="/bin/socat")


def values(words: list[str], option: str) -> list[str]:
    return [value for name, value in itertools.pairwise(words) if name == option]


def devices(words: list[str]) -> list[str]:
    """What QEMU compares when a saved boot is loaded: kinds and places, not addresses or files."""
    kept = [value for value in values(words, "-device") if "blk" not in value or "root" in value]
    return [",".join(part for part in value.split(",") if not part.startswith("mac=")) for value in kept]


def test_command_line_cards() -> None:
    outer, private = values(words_of(HARDWARE), "-netdev")
    assert "restrict=on" in outer
    assert "hostfwd=tcp:127.9.8.7:2222-169.254.169.15:22" in outer
    assert "guestfwd=tcp:169.254.169.254:80-cmd:/bin/socat" in outer
    assert "UNIX-CONNECT:/run/api" in outer
    assert private == "vde,id=private,sock=/run/switch"


def test_command_line_without_a_public_address_forwards_nothing() -> None:
    assert HARDWARE.outer is not None
    private = replace(HARDWARE, outer=replace(HARDWARE.outer, public_ip=None))
    assert "hostfwd" not in values(words_of(private), "-netdev")[0]


def test_command_line_the_saved_and_the_restored_machine_have_the_same_devices() -> None:
    template = replace(
        HARDWARE, outer=None, private=None, memory=Memory(file=Path("/boot/memory"), shared=True)
    )
    restored = replace(HARDWARE, memory=Memory(file=Path("/boot/memory"), shared=False), restore=True)
    assert devices(words_of(template)) == devices(words_of(restored))
    assert not any("user" in value for value in values(words_of(template), "-netdev"))
    assert "share=on" in values(words_of(template), "-object")[0]
    assert "share=off" in values(words_of(restored), "-object")[0]
    assert values(words_of(restored), "-incoming") == ["defer"]


def test_command_line_volumes_have_their_serial_number_and_place() -> None:
    drive = Drive(name="vol0123456789abcdef0", file=Path("/v/a,b.raw"), slot=DISK_SLOTS[0])
    words = words_of(replace(HARDWARE, drives=(drive,)))
    device = json.loads(values(words, "-device")[-1])
    assert (device["serial"], device["addr"]) == ("vol0123456789abcdef0", "0x9")
    assert json.loads(values(words, "-blockdev")[-1])["file"]["filename"] == "/v/a,b.raw"


def test_command_line_doubles_commas_in_paths() -> None:
    words = words_of(replace(HARDWARE, root=Path("/a,b/root.qcow2"), console=Path("/a,b/console")))
    assert "file.filename=/a,,b/root.qcow2" in values(words, "-blockdev")[0]
    assert any("path=/a,,b/console," in value for value in values(words, "-chardev"))


def test_command_line_has_the_mark_that_cloud_init_looks_for() -> None:
    (smbios,) = values(words_of(HARDWARE), "-smbios")
    fields = dict(part.split("=", 1) for part in smbios.split(",") if "=" in part)
    assert fields["uuid"] == fields["serial"]
    assert fields["uuid"].startswith("ec2")
    assert [len(part) for part in fields["uuid"].split("-")] == [8, 4, 4, 4, 12]


def test_command_line_uses_kvm_only_where_the_engine_says_so() -> None:
    assert values(words_of(HARDWARE), "-accel")[0].startswith("tcg")
    assert values(words_of(replace(HARDWARE, engine=Engine(kvm=True))), "-accel") == ["kvm"]


def test_forward() -> None:
    assert forward("127.1.2.3", 22) == "tcp:127.1.2.3:22-169.254.169.15:22"
