"""The way out of the default VPC: a new account has an internet gateway there, and moto forgets it."""

from __future__ import annotations

from typing import Any


def open_default_vpc(backend: Any) -> None:
    """Give one region's default VPC its gateway, and the default route to it."""
    for vpc in backend.describe_vpcs(filters={"is-default": ["true"]}):
        gateway = backend.create_internet_gateway()
        backend.attach_internet_gateway(gateway.id, vpc.id)
        main = backend.describe_route_tables(filters={"vpc-id": [vpc.id], "association.main": ["true"]})
        for table in main:
            backend.create_route(
                route_table_id=table.id, destination_cidr_block="0.0.0.0/0", gateway_id=gateway.id
            )
