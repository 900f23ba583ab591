"""Everything that can be asked before anything is made: all at the same time, every mistake at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from hpcctl.aws import instancetypes, session
from hpcctl.aws.filesystems import PresentEfs, check_efs, mount_targets
from hpcctl.aws.findings import Findings
from hpcctl.aws.judging import (
    Types,
    check_quotas,
    check_types,
    group_images,
    needs,
    placement_notes,
    unknown_types,
)
from hpcctl.aws.questions import Questions, all_efs, ask, stands_on, volume_ids
from hpcctl.aws.sites import Site, check_groups, check_site
from hpcctl.aws.volumes import PresentVolume, all_volumes, check_snapshots, check_volumes, present_volumes
from hpcctl.aws.zones import Map, Pin, usable
from hpcctl.errors import CredentialsError, SpecError, UnreachableError
from hpcctl.progress import Progress
from hpcctl.spec.fields import of_efs, of_group, of_volume
from hpcctl.spec.model import Cloud, ClusterSpec, Facts, MountTarget


def preflight(
    spec: ClusterSpec, cloud: Cloud, *, progress: Progress, resume: bool = False, copies: int = 1
) -> Facts:
    """The facts that rendering needs.

    SpecError with every problem found, each with the field that it is about; CredentialsError before all else.
    ``resume``: the cluster's own machines may be there already, left by a create that was interrupted. ``copies``: so
    many like clusters are to be made.
    """
    progress.detail("asking AWS")
    with ThreadPoolExecutor(12) as pool:
        _make_clients(spec, cloud)
        facts = _Inquiry(spec, cloud, ask(spec, cloud, pool)).facts(resume=resume, copies=copies)
    for note in facts.notes:
        progress.note(note)
    return facts


def usable_zones(cloud: Cloud, spec: ClusterSpec) -> tuple[str, ...]:
    """The zones in which the cluster can be, in order of preference; asked anew, without the other questions."""
    with ThreadPoolExecutor(6) as pool:
        available = pool.submit(instancetypes.available_zones, cloud)
        offered = pool.submit(instancetypes.offerings, cloud, spec.instance_types)
        volumes = pool.submit(present_volumes, cloud, volume_ids(spec))
        stands = pool.submit(stands_on, cloud, spec)
        efs = pool.submit(all_efs, cloud, spec)
        found, vpc_id = stands.result()
        findings = Findings()
        pins = (
            *_pins(spec, found, check_volumes(spec, volumes.result(), findings)),
            *_efs_pins(spec, efs.result(), vpc_id, findings),
        )
        known = Map(region=cloud.region, available=available.result(), offered=offered.result(), pins=pins)
        return usable(spec, known, findings)


def mount_targets_in(cloud: Cloud, spec: ClusterSpec, *, vpc_id: str, zone: str) -> tuple[MountTarget, ...]:
    """The addresses of the cluster's file systems in a zone; asked anew."""
    return mount_targets(spec, all_efs(cloud, spec), vpc_id, zone)


def _make_clients(spec: ClusterSpec, cloud: Cloud) -> None:
    """One after the other, because they would only wait for each other in threads."""
    with session.explained(cloud, "reach AWS"):
        for make in (session.ec2, session.sts, session.ssm):
            make(cloud)
        if spec.efs:
            session.efs(cloud)


class _Inquiry:
    """The answers, held against what is asked for."""

    def __init__(self, spec: ClusterSpec, cloud: Cloud, asked: Questions) -> None:
        self._spec, self._cloud, self._asked = spec, cloud, asked
        self._findings = Findings()

    def facts(self, *, resume: bool, copies: int) -> Facts:
        """All of them; SpecError with all problems."""
        account = self._account()
        spec, asked, findings = self._spec, self._asked, self._findings
        types = self._types()
        stands, vpc_id = self._stands()
        zones = self._zones(types, stands, vpc_id)
        images = findings.take(asked.images)
        found = group_images(spec, types, images, findings, region=self._cloud.region) if images else ()
        check_types(spec, types, findings)
        ssh_from = findings.take(asked.ssh_from)
        check_snapshots(spec, findings.take(asked.snapshots) or {}, findings)
        self._check_network(stands, vpc_id, copies)
        self._check_bucket()
        if not resume:
            self._check_name()
            self._check_quotas(types, copies)
        if findings.problems or not (zones and ssh_from):
            raise SpecError(findings.problems)
        return Facts(
            account=account,
            zone=zones[0],
            types=tuple(types[name].facts for name in spec.instance_types),
            images=found,
            ssh_from=ssh_from,
            notes=(*placement_notes(spec, types), *findings.notes),
            mount_targets=mount_targets(spec, self._efs(), vpc_id, zones[0]),
        )

    def _account(self) -> str:
        """Without credentials or a connection every other answer is the same error."""
        try:
            return self._asked.account.result()
        except (CredentialsError, UnreachableError):
            for future in vars(self._asked).values():
                if future:
                    future.cancel()
            raise

    def _types(self) -> Types:
        types = self._findings.take(self._asked.types)
        if types is None:
            return {}
        unknown = unknown_types(self._spec, types)
        names = instancetypes.all_names(self._cloud) if unknown else ()
        self._findings.problems += [
            instancetypes.unknown_type(name, names, where=of_group(group, "type"), region=self._cloud.region)
            for group, name in unknown
        ]
        return types

    def _stands(self) -> tuple[Site | None, str | None]:
        """The subnet of the user's own; the VPC, where that matters and it is there already."""
        if self._asked.site:
            found = self._findings.take(self._asked.site)
            return found, found.vpc_id if found else None
        ground = self._findings.take(self._asked.ground) if self._asked.ground else None
        return None, ground.base.vpc_id if ground else None

    def _zones(self, types: Types, stands: Site | None, vpc_id: str | None) -> tuple[str, ...]:
        spec, asked, findings = self._spec, self._asked, self._findings
        offered = findings.take(asked.offered) or {}
        volumes = check_volumes(spec, findings.take(asked.volumes) or {}, findings)
        pins = (*_pins(spec, stands, volumes), *_efs_pins(spec, self._efs(), vpc_id, findings))
        known = Map(
            region=self._cloud.region,
            available=findings.take(asked.zones) or (),
            offered={name: zones for name, zones in offered.items() if name in types},
            pins=pins,
        )
        return usable(spec, known, findings)

    def _efs(self) -> dict[str, PresentEfs]:
        return self._findings.take_if_allowed(self._asked.efs, "the EFS file systems") or {}

    def _check_network(self, stands: Site | None, vpc_id: str | None, copies: int) -> None:
        spec, findings, profile = self._spec, self._findings, self._spec.network.instance_profile
        if stands:
            check_site(spec, stands, findings, nodes=copies * spec.nodes)
        if stands or not self._asked.site:
            check_groups(spec, findings.take(self._asked.groups) or {}, vpc_id, findings)
        if self._asked.profile:
            has_role = findings.take_if_allowed(self._asked.profile, f"the instance profile {profile}")
            if has_role is False:
                findings.note(f"the instance profile {profile} has no role: nodes may do nothing in AWS")

    def _check_bucket(self) -> None:
        if not self._asked.bucket:
            return
        name, here = self._spec.bucket, self._cloud.region
        region = self._findings.take_if_allowed(self._asked.bucket, f"the bucket {name}")
        if region and region != here:
            what = f"the bucket {name} is in {region}, and the cluster in {here}"
            self._findings.problem("storage.permanent.bucket", what, "a bucket of the cluster's region")

    def _check_name(self) -> None:
        present = self._findings.take(self._asked.taken)
        if present:
            owner, name = present[0].owner or "somebody", self._spec.name
            what = f"{owner} already has a cluster named {name} in this account and region"
            self._findings.problem("name", what, "choose another name")

    def _check_quotas(self, types: Types, copies: int) -> None:
        limits = self._findings.take_if_allowed(self._asked.quotas, "the vCPU quota")
        if limits is not None:
            check_quotas(needs(self._spec, types, copies), limits, self._findings, copies=copies)


def _pins(spec: ClusterSpec, stands: Site | None, volumes: tuple[PresentVolume, ...]) -> Iterator[Pin]:
    if stands:
        yield Pin(where="network.subnet", what=f"the subnet {stands.subnet_id}", zones=(stands.zone,))
    by_id = {one.volume_id: one for one in volumes}
    for volume in all_volumes(spec):
        found = by_id.get(volume.volume_id or "")
        if found:
            where = of_volume(volume, "id")
            yield Pin(where=where, what=f"the volume {found.volume_id}", zones=(found.zone,))


def _efs_pins(
    spec: ClusterSpec, present: dict[str, PresentEfs], vpc_id: str | None, findings: Findings
) -> Iterator[Pin]:
    zones = check_efs(spec, present, vpc_id, findings)
    if zones is not None:
        names = ", ".join(one.file_system_id for one in spec.efs)
        yield Pin(where=of_efs(spec.efs[0]), what=f"the mount target of {names}", zones=zones)
