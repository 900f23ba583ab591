"""``hpcctl types``"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session, profile_option
from hpcctl.cli.words import Amount
from hpcctl.errors import CloudError, ExitCode, UsageError

if TYPE_CHECKING:
    from hpcctl.aws.catalog import Catalog, Offer
    from hpcctl.aws.spot import SpotPrice
    from hpcctl.spec.model import Cloud

EPILOG = """\b
Examples:
  hpcctl types
  hpcctl types 'c5*' --sort price
  hpcctl types --min-vcpus 32 --efa --max-price 4
  hpcctl types --arch arm64 --sort spot --limit 10
  hpcctl types c5n --offered us-east-1b --json
"""
_FEW = 100
"""So many names are asked for by name; for more the prices of all are not more work."""
_NUMBERS = (1, 2, 3, 4, 7, 8)
"""The columns of the table that hold numbers."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A type, and where its spot capacity costs least at this moment."""

    offer: Offer
    spot: SpotPrice | None = None


def _by_name(row: Row) -> tuple[Any, ...]:
    family, _, size = row.offer.name.partition(".")
    return (family, row.offer.vcpus, row.offer.memory_mib, size)


_KEYS: dict[str, Callable[[Row], Any]] = {
    "name": _by_name,
    "price": lambda row: row.offer.usd,
    "spot": lambda row: row.spot.usd if row.spot else None,
    "vcpu": lambda row: row.offer.vcpus,
    "memory": lambda row: row.offer.memory_mib,
}


@click.command("types", epilog=EPILOG)
@click.argument("filters", nargs=-1, metavar="[FILTER...]")
@profile_option
@click.option("--region", metavar="REGION", help="AWS region [default: that of the profile].")
@click.option("--min-vcpus", metavar="N", type=click.IntRange(min=1), help="With so many vCPUs or more.")
@click.option("--min-memory", metavar="GIB", type=Amount(min=0), help="With so much memory or more.")
@click.option("--efa", is_flag=True, help="With an Elastic Fabric Adapter.")
@click.option("--arch", type=click.Choice(["x86_64", "arm64"]), help="Of this architecture.")
@click.option("--max-price", metavar="USD", type=Amount(min=0), help="At most so much an hour, on demand.")
@click.option("--offered", metavar="ZONE", help="In this zone; the spot price is that of this zone, too.")
@click.option(
    "--sort", type=click.Choice(list(_KEYS)), default="name", show_default=True, help="By what to sort."
)
@click.option("--reverse", "-r", is_flag=True, help="The other way round.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """Instance types that the region offers, and what they cost.

    FILTER is a part of a name or a pattern such as 'c5*'; several are alternatives. Prices are US dollars an hour with
    Linux: on demand as in AWS's price list, kept for a day, and spot as it is now in the zone where it is lowest. What
    is not known is shown as -.
    """
    with console.progress() as progress:
        cloud = session.cloud(profile=given["profile"], region=given["region"], progress=None)
        progress.detail("instance types and prices")
        catalog, notes = _catalog(cloud, session)
        chosen = _chosen(catalog, given)
        prices = _spot(cloud, session, catalog, chosen, notes)
    rows = _sorted(
        [Row(offer=offer, spot=_lowest(offer, prices, given["offered"])) for offer in chosen], given
    )
    if given["as_json"]:
        console.result_json([_json(row, catalog) for row in rows])
    else:
        _print(rows, catalog, given["offered"])
    for note in notes:
        console.warn(note)
    return ExitCode.DONE


def _catalog(cloud: Cloud, session: Session) -> tuple[Catalog, list[str]]:
    from hpcctl.aws.catalog import catalog

    found = catalog(cloud, home=session.home)
    return found, list(found.notes)


def _chosen(catalog: Catalog, given: Mapping[str, Any]) -> list[Offer]:
    """UsageError where nothing fits."""
    named = [offer for offer in catalog.offers if _is_named(offer.name, given["filters"])]
    if not named:
        raise _nothing_named(catalog, given["filters"])
    zone = given["offered"]
    if zone and not any(zone in offer.zones for offer in catalog.offers):
        known = sorted({place for offer in catalog.offers for place in offer.zones})
        raise UsageError(
            f"--offered: no zone of {catalog.region} is called {zone!r}",
            hint=f"the zones are: {', '.join(known)}",
        )
    return [offer for offer in named if _fits(offer, given)]


def _is_named(name: str, filters: Sequence[str]) -> bool:
    return not filters or any(
        fnmatch.fnmatchcase(name, word) if re.search(r"[*?[]", word) else word in name for word in filters
    )


def _nothing_named(catalog: Catalog, filters: Sequence[str]) -> UsageError:
    from hpcctl.nearest import did_you_mean

    names = [offer.name for offer in catalog.offers]
    return UsageError(
        f"no instance type in {catalog.region} is called {' or '.join(map(repr, filters))}",
        hint=did_you_mean(filters[0], names, otherwise="such as 'c5*'") if filters else "",
    )


def _fits(offer: Offer, given: Mapping[str, Any]) -> bool:
    most = given["max_price"]
    return (
        offer.vcpus >= (given["min_vcpus"] or 0)
        and offer.memory_mib >= (given["min_memory"] or 0) * 1024
        and (offer.efa or not given["efa"])
        and given["arch"] in (None, offer.architecture)
        and (most is None or (offer.usd is not None and offer.usd <= most))
        and (given["offered"] is None or given["offered"] in offer.zones)
    )


def _spot(
    cloud: Cloud, session: Session, catalog: Catalog, chosen: Sequence[Offer], notes: list[str]
) -> Mapping[str, list[SpotPrice]]:
    from hpcctl.aws.spot import spot_prices

    names = [offer.name for offer in chosen]
    if not names:
        return {}
    found: dict[str, list[SpotPrice]] = {}
    try:
        for one in spot_prices(cloud, names if len(names) <= _FEW else (), home=session.home):
            found.setdefault(one.instance_type, []).append(one)
    except CloudError as error:
        notes.append(f"spot prices: unknown ({error.message}{f'; {error.hint}' if error.hint else ''})")
    return found


def _lowest(offer: Offer, prices: Mapping[str, list[SpotPrice]], zone: str | None) -> SpotPrice | None:
    here = [one for one in prices.get(offer.name, ()) if zone in (None, one.zone)]
    return min(here, key=lambda one: (one.usd, one.zone), default=None)


def _sorted(rows: Iterable[Row], given: Mapping[str, Any]) -> list[Row]:
    """What is not known comes last, whichever way round."""
    key = _KEYS[given["sort"]]
    by_name = sorted(rows, key=_by_name)
    known = [row for row in by_name if key(row) is not None]
    unknown = [row for row in by_name if key(row) is None]
    return [*sorted(known, key=key, reverse=given["reverse"]), *unknown][: given["limit"]]


def _print(rows: Sequence[Row], catalog: Catalog, zone: str | None) -> None:
    if not rows:
        console.say(f"none of the {len(catalog.offers)} types in {catalog.region} is so")
        return
    gpus = any(row.offer.gpus for row in rows)
    headers = ("TYPE", "VCPU", "CORES", "GIB", "GBIT", "EFA", "ARCH", "USD/H", "SPOT", "IN")
    cells = [(*headers, *(("GPU",) if gpus else ())), *(_row(row, catalog, gpus=gpus) for row in rows)]
    top, *aligned = _right_aligned(cells)
    console.table(top, aligned)
    known = "prices" if any(row.offer.usd is not None for row in rows) else "facts"
    where = f"in {zone}" if zone else "where it is lowest"
    console.say(f"{known} of {catalog.day}, {catalog.region}, Linux; spot: now, {where}")


def _right_aligned(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Numbers stand below each other, and so do their headers."""
    widths = {column: max(len(row[column]) for row in rows) for column in _NUMBERS}
    return [tuple(cell.rjust(widths.get(column, 0)) for column, cell in enumerate(row)) for row in rows]


def _row(row: Row, catalog: Catalog, *, gpus: bool) -> tuple[str, ...]:
    offer, spot = row.offer, row.spot
    cells = (
        offer.name,
        str(offer.vcpus),
        str(offer.cores),
        f"{offer.memory_mib / 1024:g}",
        _network(offer.network),
        "yes" if offer.efa else "-",
        offer.architecture,
        usd(offer.usd),
        usd(spot.usd if spot else None),
        spot.zone.removeprefix(catalog.region) if spot else "-",
    )
    return (*cells, offer.gpus or "-") if gpus else cells


def _network(words: str) -> str:
    """ "Up to 10 Gigabit" as "≤10", "4x 100 Gigabit" as "4x100"; what has no number stays as it is."""
    match = re.fullmatch(r"(?P<most>Up to )?(?P<number>(?:\d+x )?[\d.]+) Gigabit", words)
    if match is None:
        return words.lower() or "-"
    return f"{'≤' if match['most'] else ''}{match['number'].replace(' ', '')}"


def usd(value: float | None) -> str:
    """Four digits are what AWS shows; - is not known."""
    return "-" if value is None else f"{value:.4f}"


def _json(row: Row, catalog: Catalog) -> dict[str, Any]:
    offer, spot = row.offer, row.spot
    return {
        "type": offer.name,
        "vcpus": offer.vcpus,
        "cores": offer.cores,
        "memory_gib": offer.memory_mib / 1024,
        "network": offer.network,
        "efa": offer.efa,
        "architecture": offer.architecture,
        "gpus": offer.gpus or None,
        "zones": list(offer.zones),
        "usd_an_hour": offer.usd,
        "spot_usd_an_hour": spot.usd if spot else None,
        "spot_zone": spot.zone if spot else None,
        "day": catalog.day,
    }
