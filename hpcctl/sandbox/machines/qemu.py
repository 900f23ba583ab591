"""QEMU's command line, from data. One layout for every use, or a saved boot could not be restored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

OUTER_MAC = "02:68:70:63:74:6c"
"""The card towards metadata, API and user has this address in every machine (the image knows it)."""

TEMPLATE_MAC = "02:68:70:63:74:6d"
"""The private card's address in the machine whose boot is saved."""

GUEST_ADDRESS = "169.254.169.15"
_METADATA_ADDRESS = "169.254.169.254"
_API_ADDRESS = "169.254.169.253"

ROOT_DRIVE = "root"
OUTER_NET = "outer"
_FIRST_DISK_SLOT = 0x9
_LAST_SLOT = 0x1F
DISK_SLOTS = tuple(range(_FIRST_DISK_SLOT, _LAST_SLOT + 1))
"""Places on the PCI bus where volumes are plugged in."""


_CODE_MIB = 256
"""Translated code that an emulated machine may keep; QEMU's own default is a GiB for each."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """How processors are had: KVM or emulation, how many, how much memory."""

    kvm: bool
    cpus: int = 2
    memory_mib: int = 1024


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """What QEMU loads in place of a boot loader."""

    kernel: Path
    initrd: Path
    words: str


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Memory in a file: written through while a boot is saved, copied on write where one is restored."""

    file: Path
    shared: bool


@dataclass(frozen=True, kw_only=True)
class OuterCard:
    """The sockets behind the two addresses that a machine can reach, and where its SSH appears."""

    metadata_socket: Path
    api_socket: Path
    public_ip: str | None
    ssh_port: int


@dataclass(frozen=True, kw_only=True)
class PrivateCard:
    """A card on the switch of a VPC."""

    mac: str
    switch: Path


@dataclass(frozen=True, kw_only=True)
class Drive:
    """One volume: its file, its serial number in the machine, its place on the bus."""

    name: str
    file: Path
    slot: int


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """Everything that a command line says."""

    name: str
    engine: Engine
    kernel: Kernel
    root: Path
    console: Path
    memory: Memory | None = None
    outer: OuterCard | None = None
    private: PrivateCard | None = None
    drives: tuple[Drive, ...] = ()
    restore: bool = False


def command_line(hardware: Hardware, *, control: int, qemu: str, relay: str) -> list[str]:
    """The arguments that start this hardware; ``relay`` is socat's path, ``control`` an open socket for QMP."""
    return [
        *(qemu, "-name", f"hpcctl-{hardware.name}", "-nodefaults", "-no-user-config", "-display", "none"),
        *_processor(hardware.engine),
        *_memory(hardware),
        *("-kernel", str(hardware.kernel.kernel), "-initrd", str(hardware.kernel.initrd)),
        *("-append", hardware.kernel.words),
        *("-smbios", f"type=1,{_smbios(hardware.name)}"),
        *(
            "-blockdev",
            f"driver=qcow2,node-name={ROOT_DRIVE},discard=unmap,cache.no-flush=on,{_file(hardware.root)}",
        ),
        *("-device", f"virtio-blk-pci,id=root-disk,drive={ROOT_DRIVE},addr=0x3"),
        *("-object", "rng-builtin,id=rng", "-device", "virtio-rng-pci,rng=rng,addr=0x4"),
        *_cards(hardware, relay),
        *("-chardev", "stdio,id=wake,signal=off", "-device", "virtio-serial-pci,id=serial,addr=0x7"),
        *("-device", "virtserialport,bus=serial.0,chardev=wake,name=hpcctl.wake"),
        *(
            "-chardev",
            f"file,id=console,path={_comma(hardware.console)},append=on",
            "-serial",
            "chardev:console",
        ),
        *("-chardev", f"socket,id=control,fd={control}", "-mon", "chardev=control,mode=control"),
        *("-rtc", "base=utc"),
        *(word for drive in hardware.drives for word in _drive(drive)),
        *(("-incoming", "defer") if hardware.restore else ()),
    ]


def _processor(engine: Engine) -> list[str]:
    accelerator = "kvm" if engine.kvm else f"tcg,thread=multi,tb-size={_CODE_MIB}"
    model = "host,migratable=on" if engine.kvm else "max,-avx,-avx2,-f16c,-fma"
    return ["-accel", accelerator, "-cpu", model, "-smp", str(engine.cpus)]


def _memory(hardware: Hardware) -> list[str]:
    size = f"{hardware.engine.memory_mib}M"
    if hardware.memory is None:
        backend = f"memory-backend-ram,id=ram,size={size}"
    else:
        share = "on" if hardware.memory.shared else "off"
        backend = (
            f"memory-backend-file,id=ram,size={size},mem-path={_comma(hardware.memory.file)},share={share}"
        )
    return [
        "-machine",
        "pc,memory-backend=ram,vmport=off,usb=off,dump-guest-core=off",
        "-m",
        size,
        "-object",
        backend,
    ]


def _smbios(name: str) -> str:
    """EC2's mark, which cloud-init looks for: identity and serial number begin with ec2."""
    digits = "".join(character for character in name if character in "0123456789abcdef").rjust(29, "0")[-29:]
    uuid = f"ec2{digits[:5]}-{digits[5:9]}-{digits[9:13]}-{digits[13:17]}-{digits[17:29]}"
    return f"manufacturer=Amazon EC2,uuid={uuid},serial={uuid}"


def _cards(hardware: Hardware, relay: str) -> list[str]:
    outer, private = hardware.outer, hardware.private
    # Where a boot is saved both cards lead nowhere: a user network would put its own state into the file.
    outer_net = _outer_net(outer, relay) if outer else f"hubport,id={OUTER_NET},hubid=1"
    private_net = f"vde,id=private,sock={_comma(private.switch)}" if private else "hubport,id=private,hubid=2"
    mac = private.mac if private else TEMPLATE_MAC
    return [
        *(
            "-netdev",
            outer_net,
            "-device",
            f"virtio-net-pci,netdev={OUTER_NET},mac={OUTER_MAC},addr=0x5,romfile=",
        ),
        *("-netdev", private_net, "-device", f"virtio-net-pci,netdev=private,mac={mac},addr=0x6,romfile="),
    ]


def _outer_net(outer: OuterCard, relay: str) -> str:
    parts = [
        f"user,id={OUTER_NET},restrict=on,ipv6=off,net=169.254.169.0/24,host=169.254.169.2,dns=169.254.169.3",
        f"dhcpstart={GUEST_ADDRESS}",
        f"guestfwd=tcp:{_METADATA_ADDRESS}:80-cmd:{_relay(relay, outer.metadata_socket)}",
        f"guestfwd=tcp:{_API_ADDRESS}:80-cmd:{_relay(relay, outer.api_socket)}",
    ]
    if outer.public_ip is not None:
        parts.append(f"hostfwd={forward(outer.public_ip, outer.ssh_port)}")
    return ",".join(parts)


def forward(public_ip: str, ssh_port: int) -> str:
    """QEMU's words for: connections to this address and port go to the machine's SSH."""
    return f"tcp:{public_ip}:{ssh_port}-{GUEST_ADDRESS}:22"


def _relay(relay: str, sock: Path) -> str:
    """Passes on the end of either direction at once, and lets the other one last for as long as it is used."""
    return f"{relay} -t 3600 -b 65536 STDIO,,shut-down UNIX-CONNECT:{_comma(sock)}"


def _drive(drive: Drive) -> list[str]:
    return ["-blockdev", json.dumps(drive_backend(drive)), "-device", json.dumps(drive_device(drive))]


def drive_backend(drive: Drive) -> dict[str, object]:
    """The volume's file as ``blockdev-add`` takes it."""
    cache = {"no-flush": True}  # what a crash of this machine loses is lost with the sandbox anyway
    file = {"driver": "file", "filename": str(drive.file), "discard": "unmap", "cache": cache}
    return {"driver": "raw", "node-name": drive.name, "discard": "unmap", "cache": cache, "file": file}


def drive_device(drive: Drive) -> dict[str, object]:
    """The volume as a disk, as ``device_add`` takes it."""
    return {
        "driver": "virtio-blk-pci",
        "id": f"disk-{drive.name}",
        "drive": drive.name,
        "serial": drive.name,
        "bus": "pci.0",
        "addr": f"{drive.slot:#x}",
    }


def _file(path: Path) -> str:
    return f"file.driver=file,file.filename={_comma(path)},file.discard=unmap,file.cache.no-flush=on"


def _comma(path: Path) -> str:
    """In QEMU's options a comma in a value is written twice."""
    return str(path).replace(",", ",,")
