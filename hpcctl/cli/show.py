"""``hpcctl show``"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.listing import ends, status_json
from hpcctl.cli.money import cost_line, price_line
from hpcctl.cli.session import Session
from hpcctl.cli.several import chosen, is_one
from hpcctl.cli.words import ClusterWord, duration, nodes_of, share_size
from hpcctl.errors import ExitCode
from hpcctl.overview import statuses_of
from hpcctl.spec.nodes import vcpus_of

if TYPE_CHECKING:
    from hpcctl.aws import InstanceState
    from hpcctl.inventory import Host
    from hpcctl.overview import ClusterStatus
    from hpcctl.spec.model import Volume
    from hpcctl.state import ClusterRecord

EPILOG = """\b
Examples:
  hpcctl show demo
  hpcctl show lab
  hpcctl show demo --json | jq -r '.hosts[].private_ip'
"""


@click.command("show", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=ClusterWord())
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(session: Session, names: tuple[str, ...], as_json: bool) -> int:
    """Clusters in full: nodes, addresses, file systems, how to log in.

    The states of the nodes come from the cloud, at this moment. The exit code is 1 if it does not answer.
    """
    selected = chosen(session, names)
    found = statuses_of(session.home, selected)
    known = [(status, status.record) for status in found if status.record]
    if as_json:
        shown = [_json(status, record) for status, record in known]
        console.result_json(shown[0] if is_one(names, selected) else shown)
    else:
        for number, (status, record) in enumerate(known):
            if number:
                console.result("")
            _print(status, record)
    for status in found:
        if status.problem:
            console.warn(status.problem if len(found) == 1 else f"{status.name}: {status.problem}")
    return ExitCode.DONE if all(status.is_known for status in found) else ExitCode.FAILED


def _print(status: ClusterStatus, record: ClusterRecord) -> None:
    spec, facts = record.spec, record.facts
    console.details(
        {
            "cluster": spec.name,
            "state": status.state,
            "missing": _missing(status),
            "nodes": nodes_of(record) + (f" ({vcpus_of(record.spec, facts)} vCPUs in all)" if facts else ""),
            "where": f"{record.cloud.profile}, {facts.zone if facts else record.cloud.region}",
            "created": f"{record.created} ({duration(status.age_seconds())} ago)",
            "ends": ends(status),
            "owner": record.cloud.owner,
            "price": price_line(record),
            "cost so far": cost_line(record),
            "image": ", ".join(dict.fromkeys(one.image_id for one in facts.images)) if facts else "",
            "/share": f"{share_size(spec)}, on the head, by NFS on all nodes (homes as well)",
            **{volume.mount: _volume(volume) for volume in spec.volumes},
            **{efs.mount: f"EFS {efs.file_system_id}, on all nodes" for efs in spec.efs},
            "/permanent": _permanent(record),
            "/scratch": "local to each node",
            "log in": _login(status, record),
        }
    )
    hosts = _hosts(status, record)
    if hosts:
        console.result("")
        console.table(("NODE", "STATE", "UP", "PRIVATE", "PUBLIC", "INSTANCE"), _rows(status, hosts))


def _volume(volume: Volume) -> str:
    size = f"{volume.gib} GB" if volume.gib else str(volume.volume_id)
    return f"{size}, on the head, by NFS on all nodes" if volume.shared else f"{size}, on the head alone"


def _permanent(record: ClusterRecord) -> str:
    bucket = record.spec.bucket or (record.base.bucket if record.base else None)
    return f"the bucket {bucket}; it outlives the cluster" if record.spec.permanent and bucket else ""


def _missing(status: ClusterStatus) -> str:
    if not status.missing:
        return ""
    names = ", ".join(status.missing)
    why = (
        "ended by AWS or by hand"
        if all(one.endswith("(spot)") for one in status.missing)
        else "removed by hand"
    )
    return f"{names}, {why}: `hpcctl start {status.name}` makes it again, or says why not"


def _login(status: ClusterStatus, record: ClusterRecord) -> str:
    name = record.spec.name
    if record.inventory and status.state == "stopped":
        return f"not now: hpcctl start {name}"
    if not record.inventory:
        return f"not yet: the same `hpcctl create` finishes it, `hpcctl terminate {name}` takes it away"
    return f"ssh {name}   or   hpcctl ssh {name}   (as {record.spec.user})"


def _hosts(status: ClusterStatus, record: ClusterRecord) -> tuple[Host, ...]:
    """What the record has; before there is an inventory, the instances that the cloud has already."""
    return record.inventory.hosts if record.inventory else tuple(one.host for one in status.instances)


def _rows(status: ClusterStatus, hosts: tuple[Host, ...]) -> list[tuple[str, ...]]:
    live = {one.node: one for one in status.instances}
    record = status.record
    spot = record.spot_names if record else frozenset()
    return [_row(host, live.get(host.name), known=status.is_known, spot=host.name in spot) for host in hosts]


def _row(host: Host, live: InstanceState | None, *, known: bool, spot: bool) -> tuple[str, ...]:
    if live is None:
        state = ("ended (spot)" if spot else "gone") if known else "?"
        return (host.name, state, "-", host.private_ip, "-", host.instance_id)
    return (
        host.name,
        f"{live.state} (spot)" if spot else live.state,
        duration(uptime(live)) if live.state == "running" else "-",
        live.private_ip or host.private_ip or "-",
        live.public_ip or "-",
        live.instance_id,
    )


def uptime(instance: InstanceState) -> float:
    """Seconds since it was started, as EC2 counts."""
    return (datetime.now(timezone.utc) - instance.launch_time).total_seconds()


def _json(status: ClusterStatus, record: ClusterRecord) -> dict[str, Any]:
    live = {one.node: one for one in status.instances}
    hosts = _hosts(status, record)
    return {
        **status_json(status),
        "user": record.spec.user,
        "ssh_port": record.cloud.ssh_port,
        "owner": record.cloud.owner,
        "zone": record.facts.zone if record.facts else None,
        "image_ids": {one.group: one.image_id for one in record.facts.images} if record.facts else None,
        "bucket": record.base.bucket if record.base else None,
        "volumes": {one.name: one.volume_id for one in record.inventory.volumes}
        if record.inventory
        else None,
        "missing": list(status.missing),
        "hosts": [_host_json(record, host, live.get(host.name), known=status.is_known) for host in hosts],
        "timings": [
            {"name": timing.name, "seconds": timing.seconds, "depth": timing.depth}
            for timing in record.timings
        ],
    }


def _host_json(
    record: ClusterRecord, host: Host, live: InstanceState | None, *, known: bool
) -> dict[str, Any]:
    return {
        "name": host.name,
        "role": host.role.value,
        "spot": host.name in record.spot_names,
        "group": host.group,
        "state": live.state if live else ("gone" if known else None),
        "instance_id": live.instance_id if live else host.instance_id,
        "private_ip": live.private_ip if live else host.private_ip,
        "public_ip": live.public_ip if live else None,
        "uptime_seconds": round(uptime(live)) if live and live.state == "running" else None,
        "volumes": list(live.volumes) if live else [],
    }
