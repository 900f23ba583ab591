"""Configuring begins when the cloud shows the machines, not when Terraform has done waiting for them.

Terraform looks at an instance ten seconds after it asked for it, whatever AWS answers. By then a machine with a
baked image has booted. What is found out here is provisional: Terraform's own inventory has the last word.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from types import TracebackType

from hpcctl.aws import InstanceState, instances_of
from hpcctl.errors import CloudError
from hpcctl.inventory import Host, Inventory
from hpcctl.lifecycle.configuring import Outcome, configure_cluster
from hpcctl.progress import Progress
from hpcctl.remote.ssh import Lifeline
from hpcctl.spec.model import ClusterSpec, Role
from hpcctl.state import ClusterRecord
from hpcctl.workspace import Workspace

POLL_SECONDS = 1.0


class EarlyStart:
    """Entered before Terraform starts; ``outcome`` after it has ended well. An error in between breaks it off.

    ``doomed`` are the ids of instances that Terraform is about to replace.
    """

    def __init__(
        self,
        workspace: Workspace,
        record: ClusterRecord,
        progress: Progress,
        *,
        doomed: frozenset[str] = frozenset(),
    ) -> None:
        self._workspace = workspace
        self._doomed = doomed
        self._record = record
        self._progress = progress
        self._lifeline = Lifeline()
        self._seen: Inventory | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="early start")
        self._outcome: Future[Outcome | None]

    def __enter__(self) -> EarlyStart:
        self._outcome = self._pool.submit(self._run)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind:
            self._lifeline.cut()
        self._pool.shutdown()

    def outcome(self, inventory: Inventory) -> Outcome | None:
        """What configuring came to; None if it never began, or began with other machines than Terraform's."""
        if self._seen != inventory:
            self._lifeline.cut()
            self._pool.shutdown()
            return None
        while not wait([self._outcome], timeout=POLL_SECONDS).done:
            continue  # so that Ctrl-C is heard in whatever thread this is
        return self._outcome.result()

    def _run(self) -> Outcome | None:
        self._seen = self._machines()
        if not self._seen:
            return None
        record = replace(self._record, inventory=self._seen)
        return configure_cluster(self._workspace, record, self._progress, lifeline=self._lifeline)

    def _machines(self) -> Inventory | None:
        """All nodes, running; None when broken off before that."""
        while not self._lifeline.wait(POLL_SECONDS):
            try:
                present = instances_of(self._record.cloud, self._record.cluster_id)
                found = self._complete(present)
            except CloudError:
                continue  # throttled, or not consistent yet: Terraform will tell if it is more than that
            if found:
                return found
        return None

    def _complete(self, present: tuple[InstanceState, ...]) -> Inventory | None:
        record = self._record
        return seen_inventory(self._awaited(present), record.spec, nodes=len(record.node_names))

    def _awaited(self, present: tuple[InstanceState, ...]) -> tuple[InstanceState, ...]:
        """Of what is there, the machines that will stay."""
        names = self._record.node_names
        return tuple(one for one in present if one.node in names and one.instance_id not in self._doomed)


def seen_inventory(states: tuple[InstanceState, ...], spec: ClusterSpec, *, nodes: int) -> Inventory | None:
    """The inventory that Terraform will report, or None while something is missing, not running or without address."""
    ready = [state for state in states if state.state == "running" and _is_addressed(state.host, spec)]
    if len(ready) < nodes or ready[0].role is not Role.HEAD:
        return None
    volumes = ready[0].volumes_of(spec)
    return Inventory(hosts=tuple(state.host for state in ready), volumes=volumes) if volumes else None


def _is_addressed(host: Host, spec: ClusterSpec) -> bool:
    """Has it all the addresses that it is to have?"""
    return bool(host.private_ip and (host.public_ip or not spec.group(host.group).public_address))
