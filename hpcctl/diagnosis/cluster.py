"""One cluster: what is written down here, what the cloud says, and whether one can log in."""

from __future__ import annotations

import ipaddress

from hpcctl.aws import instances_of
from hpcctl.aws.caller import own_network
from hpcctl.aws.firewall import firewalls
from hpcctl.aws.permissions import refused_on_instances
from hpcctl.diagnosis.model import Check, Finding, ok, problem, warning
from hpcctl.lifecycle.adopting import attachments_of
from hpcctl.lifecycle.context import Context
from hpcctl.lifecycle.damage import damage_of
from hpcctl.lifecycle.terraforming import planned_changes
from hpcctl.lifecycle.viewing import cluster_view, login_target
from hpcctl.logins import config_path, with_addresses
from hpcctl.overview import status_of
from hpcctl.remote.ssh import Lifeline, connect
from hpcctl.state import ClusterRecord, Phase
from hpcctl.workspace import Workspace

ANSWER_SECONDS = 10


def cluster_checks(workspace: Workspace, *, plan: Context | None) -> tuple[Check, ...]:
    """All that a verb would meet; with ``plan``, what Terraform would change, which takes seconds.

    Where the record is damaged that alone is told: it says where everything else is.
    """
    folder = Check(name="folder", look=lambda: _folder(workspace))
    record = damage_of(workspace).record
    if record is None:
        return (folder,)
    planned = (Check(name="plan", look=lambda: _planned(workspace, record, plan)),) if plan else ()
    return (
        folder,
        Check(name="in use", look=lambda: _in_use(workspace)),
        Check(name="state", look=lambda: _state(workspace)),
        Check(name="instances", look=lambda: _instances(record)),
        Check(name="firewall", look=lambda: _firewall(record)),
        Check(name="permissions", look=lambda: _permissions(record)),
        Check(name="login", look=lambda: _login(workspace, record)),
        Check(name="ssh entry", look=lambda: _entry(workspace)),
        *planned,
    )


def _folder(workspace: Workspace) -> Finding:
    damage = damage_of(workspace)
    lost = (*damage.files, *damage.access)
    if lost:
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        return problem(f"lost or damaged: {lost[0]}{more}", f"hpcctl recover {workspace.name}")
    return ok(str(workspace.path))


def _in_use(workspace: Workspace) -> Finding:
    holder = workspace.busy()
    return warning(f"by {holder}", "wait for it") if holder else ok("by nobody")


def _state(workspace: Workspace) -> Finding:
    status = status_of(workspace.home, workspace.name)
    if status.problem:
        return problem(status.problem)
    name = workspace.name
    hints = {
        "stopped": f"hpcctl start {name}",
        "half stopped": f"hpcctl stop {name} goes on, hpcctl start {name} leads back",
        "half started": f"hpcctl start {name} goes on, hpcctl stop {name} leads back",
        "unfinished": f"the same hpcctl create; or hpcctl terminate {name}",
        "half terminated": f"hpcctl terminate {name}",
        "degraded": f"hpcctl check {name} says what fails, hpcctl configure {name} mends it",
        "gone": f"hpcctl terminate {name} forgets it",
    }
    if status.state == "running":
        return ok("running")
    return warning(status.state, hints.get(status.state, f"hpcctl show {name}"))


def _instances(record: ClusterRecord) -> Finding:
    name = record.spec.name
    present = {one.node: one for one in instances_of(record.cloud, record.cluster_id)}
    wanted = record.node_names
    missing = [node for node in wanted if node not in present]
    if missing:
        hint = f"hpcctl start {name} makes them again, or says why not; or hpcctl terminate {name}"
        return problem(f"gone: {', '.join(missing)}", hint)
    if with_addresses(record, tuple(present.values())) != record:
        return warning("other addresses than written down here", "hpcctl update-ssh")
    return ok(f"{len(wanted)} of {len(wanted)}")


def _firewall(record: ClusterRecord) -> Finding:
    found = firewalls(record.cloud, record.cluster_id)
    if not found:
        hint = f"hpcctl start {record.spec.name} makes it again"
        return problem("the security group is gone", hint)
    networks = found[0].networks
    if not networks:
        return problem("nobody is let in by the rule of hpcctl", "hpcctl update-ssh")
    listed = ", ".join(networks)
    if record.spec.ssh_from or record.cloud.ssh_from:
        return ok(f"open for {listed}, as was asked for")
    own = own_network(record.cloud)
    address = ipaddress.ip_network(own).network_address
    if not any(address in ipaddress.ip_network(network, strict=False) for network in networks):
        return problem(f"open for {listed}, and you come from {own}", "hpcctl update-ssh")
    return ok(f"open for {listed}")


def _permissions(record: ClusterRecord) -> Finding:
    ids = [one.instance_id for one in instances_of(record.cloud, record.cluster_id)]
    refused = refused_on_instances(record.cloud, ids) if ids else ()
    if refused:
        return problem(
            f"refused: {', '.join(refused)}",
            "ask whoever runs the account for the policy of docs/permissions.md",
        )
    return ok("may stop, start, reboot and terminate")


def _login(workspace: Workspace, record: ClusterRecord) -> Finding:
    """A real login: the address, the firewall, sshd, the host key and one's own key, all at once."""
    damage = damage_of(workspace)
    if damage.access:
        return problem(f"{damage.access[0]} is lost", f"hpcctl recover {workspace.name}")
    if record.phase is Phase.STOPPED:
        return ok("not tried while it is stopped")
    view = cluster_view(workspace, record)
    with connect(login_target(workspace, record, view), seconds=ANSWER_SECONDS, lifeline=Lifeline()):
        return ok(f"{record.spec.user}@{record.head_address}")


def _entry(workspace: Workspace) -> Finding:
    path = config_path(workspace.home)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    if any(line.startswith("Host ") and workspace.name in line.split()[1:] for line in lines):
        return ok(f"in {path}")
    return warning(f"{path} does not name it", "hpcctl update-ssh")


def _planned(workspace: Workspace, record: ClusterRecord, context: Context) -> Finding:
    """Under the cluster's lock: somebody who works on it would be met half-way."""
    with workspace.lock("doctor"):
        changes = planned_changes(
            workspace.terraform, attachments_of(record), size=record.spec.nodes, context=context
        )
    if changes:
        more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
        return warning(f"Terraform would change: {changes[0]}{more}", f"hpcctl start {workspace.name}")
    return ok("Terraform plans no change")
