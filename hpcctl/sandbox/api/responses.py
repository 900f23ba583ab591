"""EC2's actions: moto's, with what it lacks or answers differently from EC2."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from itertools import islice
from typing import Any

from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.core.utils import utcnow
from moto.ec2.responses import EC2Response

from hpcctl.sandbox.api.blockdevices import launch_mappings
from hpcctl.sandbox.api.placement import PlacementGroupResponse

_CONSOLE_BYTES = 1 << 16
_SPOT_PAGE = 1000


class SandboxEC2Response(PlacementGroupResponse, EC2Response):
    """The EC2 API of the sandbox."""

    def run_instances(self) -> ActionResult:
        """RunInstances: as many as MaxCount says, in the placement group that it names."""
        group = self._get_param("Placement.GroupName")
        if group:
            self.ec2_backend.placement_group(group)
        # moto hands on the type of the market alone; this is all that was said about it
        self.params["InstanceMarketOptions"] = {"MarketType": self._get_param("InstanceMarketOptions", {})}
        template = self._get_param("LaunchTemplate")
        if template and not self._get_param("NetworkInterfaces"):
            self.params["NetworkInterfaces"] = self.ec2_backend.template_cards(template)
        self.params["MinCount"] = self._get_param("MaxCount", self._get_param("MinCount", 1))
        answer = super().run_instances()
        reservation: Any = answer.result
        for instance in reservation.instances:
            instance.placement.group_name = group or ""
            instance.placement.tenancy = self._get_param("Placement.Tenancy", "default")
        return answer

    def start_instances(self) -> ActionResult:
        """StartInstances."""
        return self._changed("StartingInstances", self.ec2_backend.start_instances)

    def stop_instances(self) -> ActionResult:
        """StopInstances, by force too."""
        force = bool(self._get_param("Force", False))
        return self._changed(
            "StoppingInstances", lambda ids: self.ec2_backend.stop_instances(ids, force=force)
        )

    def terminate_instances(self) -> ActionResult:
        """TerminateInstances."""
        return self._changed("TerminatingInstances", self.ec2_backend.terminate_instances)

    def describe_spot_price_history(self) -> ActionResult:
        """DescribeSpotPriceHistory, in pages."""
        self.error_on_dryrun()
        zone = self._get_param("AvailabilityZone")
        filters = self._filters_from_querystring()
        wanted = {
            "since": self._get_param("StartTime"),
            "until": self._get_param("EndTime"),
            "types": [*self._get_param("InstanceTypes", []), *filters.get("instance-type", [])],
            "zones": [*([zone] if zone else []), *filters.get("availability-zone", [])],
            "products": [
                *self._get_param("ProductDescriptions", []),
                *filters.get("product-description", []),
            ],
        }
        start, size = int(self._get_param("NextToken") or 0), int(self._get_param("MaxResults") or _SPOT_PAGE)
        found = list(islice(self.ec2_backend.spot_prices(wanted), start, start + size + 1))
        more = str(start + size) if len(found) > size else ""
        return ActionResult({"SpotPriceHistory": found[:size], "NextToken": more})

    def get_console_output(self) -> ActionResult:
        """GetConsoleOutput: the last 64 KB of the machine's serial console."""
        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        shown = self.ec2_backend.fleet.machines.console(instance.id)[-_CONSOLE_BYTES:]
        output = Base64EncodedString.from_encoded_bytes(base64.b64encode(shown))
        return ActionResult({"InstanceId": instance.id, "Timestamp": utcnow(), "Output": output})

    def _changed(self, key: str, change: Any) -> ActionResult:
        ids = self._get_param("InstanceIds", [])
        self.error_on_dryrun()
        return ActionResult({key: [_change(*each) for each in change(ids)]})

    def _parse_block_device_mapping(self) -> list[dict[str, Any]]:
        requested: Iterable[Any] = self._get_param("BlockDeviceMappings", [])
        return launch_mappings(requested, self.ec2_backend.root_device(self._get_param("ImageId")))


def _change(instance: Any, previous: Any) -> dict[str, Any]:
    return {"InstanceId": instance.id, "CurrentState": instance.instance_state, "PreviousState": previous}
