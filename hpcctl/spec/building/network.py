"""Where the nodes stand and who may come in: what goes together, and the records."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from hpcctl.errors import Problem
from hpcctl.spec.document.model import problem_at
from hpcctl.spec.model import FirewallRule, Network
from hpcctl.spec.schema.model import Body

MAX_RULES = 60  # what one security group takes by default
ICMP = -1  # every type and code of it
SSH = 22


def network_problems(cluster: Body) -> Iterator[Problem]:
    """What does not go together."""
    network = cluster.one("network")
    if network.given("vpc") and not network.given("subnet"):
        what = "a vpc without a subnet says too little"
        yield problem_at(network.place("vpc"), what, 'add subnet = "subnet-…"')
    yield from _zone_problems(cluster)
    yield from _rule_problems(cluster)


def network_notes(cluster: Body) -> Iterator[str]:
    """What is allowed and still worth a word."""
    for network in cluster.texts("ssh_from"):
        if _everybody(network):
            yield f"ssh_from {network} lets the whole internet try to log in"
    for body in cluster.all("firewall"):
        if any(_everybody(network) for network in body.texts("cidr")):
            yield f'firewall "{body.label}" lets the whole internet in'
        first, last = _ports(body)
        if body.text("protocol") == "tcp" and first <= SSH <= last:
            yield f'firewall "{body.label}" lets in SSH as well, beside ssh_from'


def network_of(cluster: Body) -> Network:
    """The record."""
    network = cluster.one("network")
    return Network(
        vpc=network.text("vpc"),
        subnet=network.text("subnet"),
        security_groups=tuple(dict.fromkeys(network.texts("security_groups"))),
        instance_profile=network.text("instance_profile"),
        rules=tuple(_rule(body) for body in cluster.all("firewall")),
    )


def _rule(body: Body) -> FirewallRule:
    first, last = _ports(body)
    return FirewallRule(
        name=body.label,
        protocol=body.text("protocol") or "",
        from_port=first,
        to_port=last,
        cidrs=tuple(dict.fromkeys(body.texts("cidr"))),
        description=body.text("description") or "",
    )


def _ports(body: Body) -> tuple[int, int]:
    ports = body.text("ports")
    if not ports:
        return ICMP, ICMP
    first, last = ports.split("-")
    return int(first), int(last)


def _everybody(network: str) -> bool:
    return ipaddress.ip_network(network).prefixlen == 0


def _zone_problems(cluster: Body) -> Iterator[Problem]:
    if cluster.given("zone") and cluster.given("zones"):
        what = "zone and zones say the same thing"
        yield problem_at(cluster.place("zones"), what, "leave one of them out")
    region, zone = cluster.text("region"), cluster.text("zone")
    seen: set[str] = set()
    for name, place in (*([(zone, cluster.place("zone"))] if zone else ()), *cluster.each("zones")):
        if region and not name.startswith(region):
            yield problem_at(place, f"{name} is not a zone of {region}", f"such as {region}a")
        elif name in seen:
            yield problem_at(place, f"{name} is there twice", "name each zone once")
        seen.add(name)


def _rule_problems(cluster: Body) -> Iterator[Problem]:
    seen: dict[tuple[str | None, str | None, str], str] = {}
    for body in cluster.all("firewall"):
        protocol, ports = body.text("protocol"), body.text("ports")
        if protocol == "icmp" and body.given("ports"):
            yield problem_at(body.place("ports"), "icmp has no ports", "leave ports out")
        if protocol in {"tcp", "udp"} and not body.given("ports"):
            what = f'firewall "{body.label}" has no ports'
            yield problem_at(body.section.span, what, 'add: ports = "8888"')
        for network, place in body.each("cidr"):
            same = seen.setdefault((protocol, ports, network), body.label)
            if same != body.label:
                what = f'firewall "{same}" lets in the same already'
                yield problem_at(place, what, "remove one of them")
    if len(seen) > MAX_RULES:
        last = cluster.all("firewall")[-1]
        what = f"{len(seen)} rules are too many: each network of each firewall block is one"
        yield problem_at(last.section.span, what, f"AWS takes {MAX_RULES}")
