"""The summary before a create: what will be made, where, for whom, and what it will cost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from hpcctl.cli import console
from hpcctl.cli.money import dollars
from hpcctl.spec.durations import words
from hpcctl.spec.nodes import placed, vcpus_of

if TYPE_CHECKING:
    from hpcctl.lifecycle.previewing import Preview
    from hpcctl.lifecycle.quoting import Charge
    from hpcctl.spec.model import ClusterSpec, NodeGroup, Volume


_FEW = 8
"""So many users are named."""


def show_preview(seen: Preview, *, write: Callable[[str], None] = console.say) -> None:
    """On the channel for people, unless it is what was asked for: then it is a result."""
    write("")
    console.details(_facts(seen), write=write)
    write("")
    console.table(_GROUP_TITLES, [_group(seen, group) for group in seen.spec.groups], write=write)
    write("")
    console.table(
        _CHARGE_TITLES, aligned(_charges(seen), columns=(2, 3, 4), titles=_CHARGE_TITLES), write=write
    )
    write(_bases(seen))
    write("")


def preview_json(seen: Preview) -> dict[str, Any]:
    """The same for programs; what is not known is null."""
    spec, facts, quote = seen.spec, seen.facts, seen.quote
    return {
        "name": spec.name,
        "copies": seen.copies,
        "profile": seen.cloud.profile,
        "account": facts.account,
        "region": seen.cloud.region,
        "zone": facts.zone,
        "scheduler": spec.scheduler,
        "user": spec.user,
        "ssh_from": list(facts.ssh_from),
        "authorized": _users(spec),
        "lifetime_seconds": spec.lifetime_seconds,
        "groups": [_group_json(seen, group) for group in spec.groups],
        "vcpus": vcpus_of(spec, facts),
        "volumes": [_volume_json(volume) for volume in (spec.share, *spec.volumes)],
        "tags": dict(spec.tags),
        "charges": [_charge_json(one) for one in quote.charges],
        "usd_an_hour": quote.usd_hour,
        "usd_a_month_running": seen.quote.usd_month_running,
        "usd_a_month_stopped": quote.rates.usd_month,
        "usd_a_month_for_a_bucket_gb": quote.bucket_usd,
        "prices_of": quote.day or None,
    }


def _facts(seen: Preview) -> dict[str, str]:
    spec, facts, cloud = seen.spec, seen.facts, seen.cloud
    name = spec.name if seen.copies == 1 else f"{seen.copies} clusters like {spec.name}"
    return {
        "cluster": name,
        "where": f"{cloud.profile}, account {facts.account}, {facts.zone}",
        "network": _network(spec),
        "image": ", ".join(dict.fromkeys(one.image_id for one in facts.images)),
        "scheduler": spec.scheduler,
        "log in": f"as {spec.user} from {', '.join(facts.ssh_from)}{_others(spec)}",
        "open": "; ".join(_rule(rule) for rule in spec.network.rules),
        "disks": "; ".join(_disk(volume) for volume in (spec.share, *spec.volumes)),
        "/permanent": _permanent(spec),
        "tags": ", ".join(f"{key}={value}" for key, value in spec.tags),
        "vCPUs": f"{vcpus_of(spec, facts) * seen.copies} in all",
        "lifetime": _lifetime(spec),
    }


def _network(spec: ClusterSpec) -> str:
    private = [group.name for group in spec.groups if not group.public_address]
    place = spec.network.subnet or "hpcctl's own VPC"
    return f"{place}; no public address: {', '.join(private)}" if private else place


def _users(spec: ClusterSpec) -> list[str]:
    """Who is let in beside the login user."""
    return list(dict.fromkeys(one.user for one in spec.authorized))


def _others(spec: ClusterSpec) -> str:
    users = _users(spec)
    more = f" and {len(users) - _FEW} more" if len(users) > _FEW else ""
    return f"; also {', '.join(users[:_FEW])}{more}" if users else ""


def _lifetime(spec: ClusterSpec) -> str:
    seconds = spec.lifetime_seconds
    return f"{words(seconds)}; then the machines switch themselves off" if seconds else ""


def _rule(rule: Any) -> str:
    ports = str(rule.from_port) if rule.from_port == rule.to_port else f"{rule.from_port}-{rule.to_port}"
    return f"{rule.protocol} {ports} from {', '.join(rule.cidrs)}"


def _disk(volume: Volume) -> str:
    what = volume.volume_id or f"{volume.gib} GB {volume.volume_type}"
    kept = ", kept on terminate" if volume.keep else ""
    return f"{volume.mount} {what}{kept}"


def _permanent(spec: ClusterSpec) -> str:
    if not spec.permanent:
        return "none"
    return spec.bucket or "hpcctl's own bucket"


_GROUP_TITLES = ("NODES", "COUNT", "TYPE", "VCPUS", "MEMORY", "NETWORK", "MARKET", "PLACED")


def _group(seen: Preview, group: NodeGroup) -> tuple[str, ...]:
    kind = seen.facts.type(group.instance_type)
    return (
        group.name,
        str(group.count),
        kind.name,
        str(kind.vcpus),
        f"{kind.memory_mib / 1024:g} GiB",
        f"{kind.network or '-'}{' + EFA' if group.efa else ''}",
        "spot" if group.spot else "on demand",
        "together" if group.name in placed(seen.spec, seen.facts) else "-",
    )


_CHARGE_TITLES = ("PRICE", "", "AN HOUR", "A MONTH, RUNNING", "A MONTH, STOPPED")


def _charges(seen: Preview) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (
            one.what,
            one.amount,
            dollars(one.usd_hour_running, 4),
            dollars(one.usd_month_running),
            dollars(one.usd_month),
        )
        for one in seen.quote.charges
    ]
    rates = seen.quote.rates
    total = (dollars(seen.quote.usd_hour, 4), dollars(seen.quote.usd_month_running), dollars(rates.usd_month))
    rows.append(("in all" if seen.copies == 1 else "each", "", *total))
    if seen.copies > 1:
        sums = (seen.quote.usd_hour, seen.quote.usd_month_running, rates.usd_month)
        times = [None if one is None else one * seen.copies for one in sums]
        rows.append((f"all {seen.copies}", "", dollars(times[0], 4), dollars(times[1]), dollars(times[2])))
    return rows


def _bases(seen: Preview) -> str:
    quote = seen.quote
    bucket = f"; /permanent: {dollars(quote.bucket_usd, 3)} for a GB and month" if seen.spec.permanent else ""
    if not quote.day:
        return f"no price is known: the Price List API does not answer{bucket}"
    spot = ", spot prices of this moment" if any(group.spot for group in seen.spec.groups) else ""
    return f"list prices of {quote.day}{spot}{bucket}; traffic is not counted"


def aligned(
    rows: Sequence[Sequence[str]], *, columns: Collection[int], titles: Sequence[str]
) -> list[tuple[str, ...]]:
    """The rows with these columns, of numbers, set to the right."""
    widths = [max(len(row[column]) for row in (titles, *rows)) for column in range(len(titles))]
    return [
        tuple(text.rjust(widths[column]) if column in columns else text for column, text in enumerate(row))
        for row in rows
    ]


def _group_json(seen: Preview, group: NodeGroup) -> dict[str, Any]:
    kind = seen.facts.type(group.instance_type)
    return {
        "name": group.name,
        "count": group.count,
        "instance_type": kind.name,
        "vcpus": kind.vcpus,
        "memory_mib": kind.memory_mib,
        "efa": group.efa,
        "spot": group.spot is not None,
        "image_id": seen.facts.image(group.name).image_id,
        "placed": group.name in placed(seen.spec, seen.facts),
        "public_address": group.public_address,
    }


def _volume_json(volume: Volume) -> dict[str, Any]:
    return {
        "name": volume.name,
        "mount": volume.mount,
        "gb": volume.gib,
        "type": volume.volume_type,
        "volume_id": volume.volume_id,
        "keep": volume.keep,
        "shared": volume.shared,
    }


def _charge_json(one: Charge) -> dict[str, Any]:
    return {
        "what": one.what,
        "amount": one.amount,
        "usd_an_hour": one.usd_hour_running,
        "usd_a_month_running": one.usd_month_running,
        "usd_a_month_stopped": one.usd_month,
    }
