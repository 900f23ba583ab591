"""Placement groups, which moto lacks."""

from __future__ import annotations

import secrets
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.responses._base_response import EC2BaseResponse
from moto.ec2.utils import generic_filter

from hpcctl.sandbox.api.errors import client_error

_STRATEGIES = ("cluster", "spread", "partition")
_OVER = ("terminated", "shutting-down")


class PlacementGroup(TaggedEC2Resource):
    """One group; the names are those of EC2's answer."""

    state = "available"

    def __init__(self, backend: Any, *, name: str, strategy: str, partitions: int | None) -> None:
        self.ec2_backend = backend
        self.id = self.group_id = f"pg-{secrets.token_hex(9)[:17]}"
        self.group_name = name
        self.strategy = strategy
        self.partition_count = partitions if strategy == "partition" else None
        self.spread_level = "rack" if strategy == "spread" else None
        self.group_arn = f"arn:aws:ec2:{backend.region_name}:{backend.account_id}:placement-group/{name}"

    def get_filter_value(self, filter_name: str, method_name: str | None = None) -> Any:
        """Any field of the answer, in EC2's spelling, or a tag."""
        return super().get_filter_value(filter_name, method_name or "DescribePlacementGroups")


class PlacementGroups:
    """All groups of one region; part of the EC2 backend."""

    def __init__(self) -> None:
        self.placement_groups: dict[str, PlacementGroup] = {}

    def create_placement_group(self, name: str, strategy: str, partitions: int | None) -> PlacementGroup:
        """A new group. Errors: InvalidPlacementGroup.Duplicate, InvalidParameterValue."""
        if name in self.placement_groups:
            raise client_error(
                "InvalidPlacementGroup.Duplicate", f"The placement group '{name}' already exists."
            )
        if strategy not in _STRATEGIES:
            raise client_error("InvalidParameterValue", f"Invalid placement strategy '{strategy}'.")
        group = PlacementGroup(self, name=name, strategy=strategy, partitions=partitions)
        self.placement_groups[name] = group
        return group

    def placement_group(self, name: str) -> PlacementGroup:
        """The group of that name. Error: InvalidPlacementGroup.Unknown."""
        try:
            return self.placement_groups[name]
        except KeyError:
            message = f"The Placement Group '{name}' is unknown."
            raise client_error("InvalidPlacementGroup.Unknown", message) from None

    def delete_placement_group(self, name: str) -> None:
        """Remove it. Errors: InvalidPlacementGroup.Unknown, InvalidPlacementGroup.InUse."""
        group = self.placement_group(name)
        for instance in self.all_instances():  # type: ignore[attr-defined]
            if instance.placement.group_name == name and instance.state not in _OVER:
                message = f"The placement group '{name}' is in use and may not be deleted."
                raise client_error("InvalidPlacementGroup.InUse", message)
        del self.placement_groups[group.group_name]


class PlacementGroupResponse(EC2BaseResponse):
    """The three actions."""

    def create_placement_group(self) -> ActionResult:
        """CreatePlacementGroup."""
        tags = self._parse_tag_specification("placement-group").get("placement-group", {})
        self.error_on_dryrun()
        group = self.ec2_backend.create_placement_group(
            self._get_param("GroupName"),
            self._get_param("Strategy", "cluster"),
            self._get_param("PartitionCount"),
        )
        group.add_tags(tags)
        return ActionResult({"PlacementGroup": group})

    def describe_placement_groups(self) -> ActionResult:
        """DescribePlacementGroups, by name, by id or by filters."""
        names, ids = self._get_param("GroupNames", []), self._get_param("GroupIds", [])
        groups = [self.ec2_backend.placement_group(name) for name in names]
        if not names:
            groups = list(self.ec2_backend.placement_groups.values())
        if ids:
            groups = [group for group in groups if group.id in ids]
            if len(groups) < len(ids):
                message = f"The placement group ids {ids} are not all known."
                raise client_error("InvalidPlacementGroup.Unknown", message)
        return ActionResult({"PlacementGroups": generic_filter(self._filters_from_querystring(), groups)})

    def delete_placement_group(self) -> ActionResult:
        """DeletePlacementGroup."""
        self.error_on_dryrun()
        self.ec2_backend.delete_placement_group(self._get_param("GroupName"))
        return EmptyResult()
