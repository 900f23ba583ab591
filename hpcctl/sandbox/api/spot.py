"""Spot instances: requests that RunInstances makes, their ends, and the prices that decide about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES
from moto.ec2.utils import random_spot_request_id

from hpcctl.sandbox.api import spotprices
from hpcctl.sandbox.api.errors import client_error

ONE_TIME = "one-time"
_PRODUCTS = ("Linux/UNIX", "Linux/UNIX (Amazon VPC)")
_OPEN = ("open", "active")
_FULFILLED = ("fulfilled", "Your Spot request is fulfilled.")
_BY_USER = ("instance-terminated-by-user", "The Spot Instance was terminated by the user.")
_BY_AWS = (
    "instance-terminated-no-capacity",
    "Your instance was terminated because there is no Spot capacity available that matches your request.",
)


@dataclass(frozen=True, kw_only=True)
class SpotWish:
    """What a request says about spot capacity; ``max_usd`` None: up to the list price."""

    max_usd: Decimal | None = None
    kind: str = ONE_TIME
    interruption: str = "terminate"

    @classmethod
    def of(cls, market: Mapping[str, Any] | None) -> SpotWish | None:
        """From InstanceMarketOptions; None: on demand."""
        if not market or market.get("MarketType") != "spot":
            return None
        options = market.get("SpotOptions") or {}
        price = options.get("MaxPrice")
        return cls(
            max_usd=Decimal(price) if price else None,
            kind=options.get("SpotInstanceType") or ONE_TIME,
            interruption=options.get("InstanceInterruptionBehavior") or "terminate",
        )


class SpotRequest(TaggedEC2Resource):
    """A request that was fulfilled at once, with the names that DescribeSpotInstanceRequests shows."""

    def __init__(self, backend: Any, wish: SpotWish, instance: Any, tags: Mapping[str, str]) -> None:
        super().__init__()
        self.ec2_backend = backend
        self.id = random_spot_request_id()
        self.instance = instance
        self.type = wish.kind
        self.price = _shown(wish.max_usd)
        self.instance_interruption_behavior = wish.interruption
        self.launched_availability_zone = instance.placement.zone
        self.product_description = _PRODUCTS[0]
        self.create_time = utcnow()
        self.state = "active"
        self.status: dict[str, Any] = {}
        self.says(_FULFILLED)
        self.add_tags(dict(tags))

    @property
    def spot_instance_request_id(self) -> str:
        """As ``id``."""
        return self.id

    @property
    def spot_price(self) -> str | None:
        """The most that is paid."""
        return self.price

    @property
    def instance_id(self) -> str:
        """Of the instance that it was fulfilled with."""
        return str(self.instance.id)

    @property
    def launch_specification(self) -> dict[str, Any]:
        """What was asked for."""
        return {"ImageId": self.instance.image_id, "InstanceType": self.instance.instance_type}

    def says(self, status: tuple[str, str]) -> None:
        """Its status from now on."""
        self.status = {"Code": status[0], "Message": status[1], "UpdateTime": utcnow()}

    def get_filter_value(self, filter_name: str, method_name: str | None = None) -> Any:
        """By state, id, instance or tag."""
        own = {"state": self.state, "spot-instance-request-id": self.id, "instance-id": self.instance_id}
        if filter_name in own:
            return own[filter_name]
        return super().get_filter_value(filter_name, "DescribeSpotInstanceRequests")


class SpotRequests:
    """Mixed into the EC2 backend."""

    region_name: str
    spot_instance_requests: dict[str, Any]

    def request_spot(self, wish: SpotWish, instances: Sequence[Any], tags: Mapping[str, str]) -> None:
        """Make instances spot instances, each with a request of its own."""
        for instance in instances:
            request = SpotRequest(self, wish, instance, tags)
            self.spot_instance_requests[request.id] = request
            instance.instance_lifecycle = "spot"
            instance.spot_instance_request_id = request.id
            instance.spot_kind = wish.kind

    def cancel_spot_instance_requests(self, request_ids: list[str]) -> list[Any]:
        """CancelSpotInstanceRequests: their instances go on. Error: InvalidSpotInstanceRequestID.NotFound."""
        for request_id in request_ids:
            if request_id not in self.spot_instance_requests:
                message = f"The spot instance request ID '{request_id}' does not exist"
                raise client_error("InvalidSpotInstanceRequestID.NotFound", message)
        requests = [self.spot_instance_requests[request_id] for request_id in request_ids]
        for request in requests:
            if request.state in _OPEN:
                request.state = "cancelled"
                request.says(("request-canceled-and-instance-running", "Your Spot request was canceled."))
        return requests

    def spot_prices(self, wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """What DescribeSpotPriceHistory shows, by type and zone, the latest first."""
        now = datetime.now(timezone.utc)
        oldest = now - spotprices.KEPT
        until = min(_universal(wanted["until"], otherwise=now), now)
        since = max(_universal(wanted["since"], otherwise=oldest), oldest)
        if not set(wanted["products"] or _PRODUCTS) & set(_PRODUCTS):
            return
        for name, zone in self._spot_offers(wanted["types"], wanted["zones"]):
            for change in spotprices.history(name, zone, since=since, until=until):
                yield {
                    "InstanceType": name,
                    "ProductDescription": _PRODUCTS[0],
                    "SpotPrice": f"{change.usd:.6f}",
                    "AvailabilityZone": zone,
                    "Timestamp": change.at,
                }

    def _spot_offers(self, types: Sequence[str], zones: Sequence[str]) -> list[tuple[str, str]]:
        offers = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(self.region_name, [])
        return sorted(
            (offer["InstanceType"], offer["Location"])
            for offer in offers
            if (not types or offer["InstanceType"] in types)
            and (not zones or offer["Location"] in zones)
            and has_spot(offer["InstanceType"])
        )


def _universal(moment: datetime | None, *, otherwise: datetime) -> datetime:
    """A request's moments have no time zone."""
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc) if moment else otherwise


def has_spot(instance_type: str) -> bool:
    """Is there spot capacity of this type at all?"""
    return "spot" in INSTANCE_TYPES.get(instance_type, {}).get("SupportedUsageClasses", ())


def is_spot(instance: Any) -> bool:
    """Is it a spot instance?"""
    return getattr(instance, "instance_lifecycle", None) == "spot"


def require_price(wish: SpotWish, instance_type: str, zone: str) -> None:
    """Raise SpotMaxPriceTooLow if the wish is below the present price."""
    price = spotprices.present(instance_type, zone, datetime.now(timezone.utc))
    if price is not None and wish.max_usd is not None and wish.max_usd < price:
        message = (
            f"Your Spot request price of {wish.max_usd} is lower than the minimum required Spot request "
            f"fulfillment price of {price}."
        )
        raise client_error("SpotMaxPriceTooLow", message)


def require_stoppable(instance: Any) -> None:
    """Raise UnsupportedOperation for an instance of a one-time request."""
    if ends_when_off(instance):
        message = (
            f"You can't stop the Spot Instance '{instance.id}' because it is associated with a one-time Spot "
            "Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests."
        )
        raise client_error("UnsupportedOperation", message)


def ends_when_off(instance: Any) -> bool:
    """Is it gone when its machine is off? So it is with a one-time request."""
    return is_spot(instance) and instance.spot_kind == ONE_TIME


def closed(instance: Any, *, by_aws: bool = False) -> None:
    """The instance ends, and so does its request."""
    request = instance.ec2_backend.spot_instance_requests.get(
        getattr(instance, "spot_instance_request_id", "")
    )
    if request is not None and request.state in _OPEN:
        request.state = "closed"
        request.says(_BY_AWS if by_aws else _BY_USER)


def _shown(usd: Decimal | None) -> str | None:
    return None if usd is None else f"{usd:.6f}"
