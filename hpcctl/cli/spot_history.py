"""``hpcctl spot-history``"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session, profile_option
from hpcctl.cli.types import usd
from hpcctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from hpcctl.aws.prices import Price
    from hpcctl.aws.spot import ZoneSummary
    from hpcctl.spec.model import Cloud

EPILOG = """\b
Examples:
  hpcctl spot-history c5.xlarge
  hpcctl spot-history c5.xlarge --days 30 --zone us-east-1a
  hpcctl spot-history c5.xlarge --png prices.png
  hpcctl spot-history c5.xlarge --json | jq '.zones[].mean_usd'
"""
ROWS = 12
NARROWEST, WIDEST = 40, 100


@dataclass(frozen=True, kw_only=True)
class History:
    """The prices of one type over a time, zone by zone; ``listed``: on demand, where that is known."""

    instance_type: str
    since: datetime
    until: datetime
    zones: tuple[ZoneSummary, ...]
    listed: Price | None


@click.command("spot-history", epilog=EPILOG)
@click.argument("instance_type", metavar="TYPE")
@profile_option
@click.option("--region", metavar="REGION", help="AWS region [default: that of the profile].")
@click.option(
    "--days", metavar="N", type=click.IntRange(1, 90), default=7, show_default=True, help="So far back."
)
@click.option("--zone", metavar="ZONE", help="In this zone alone.")
@click.option(
    "--png", metavar="FILE", type=click.Path(path_type=Path), help="Draw the plot into a file as well."
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """What spot capacity of TYPE has cost: now, on average, at most and at least, in each zone.

    US dollars an hour with Linux. The mean counts each price for as long as it was in force. The share is that of the
    present price in the price on demand. AWS remembers 90 days.
    """
    if given["png"]:
        _require_matplotlib()
    with console.progress() as progress:
        cloud = session.cloud(profile=given["profile"], region=given["region"], progress=None)
        progress.detail("spot prices")
        history = _history(cloud, session, given)
    if given["as_json"]:
        console.result_json(_json(history))
    else:
        _print(history)
    if given["png"]:
        from hpcctl.cli.figure import draw

        draw(history, given["png"])
        console.say(f"the plot is in {given['png']}")
    return ExitCode.DONE


def _history(cloud: Cloud, session: Session, given: dict[str, Any]) -> History:
    """UsageError where there is none."""
    from hpcctl.aws.items import running
    from hpcctl.aws.prices import price
    from hpcctl.aws.spot import by_zone, spot_history

    name, until = given["instance_type"], datetime.now(timezone.utc)
    since = until - timedelta(days=given["days"])
    found = spot_history(cloud, [name], since=since, zone=given["zone"])
    zones = by_zone(found, since=since, until=until)
    if not zones:
        _require_known(cloud, session, name)
        where = given["zone"] or cloud.region
        raise UsageError(
            f"no spot price of {name!r} in {where} is known",
            hint=f"hpcctl types {name} shows whether there is such a type, and in which zones",
        )
    listed = price(cloud, running(name), home=session.home)
    return History(instance_type=name, since=since, until=until, zones=zones, listed=listed)


def _require_known(cloud: Cloud, session: Session, name: str) -> None:
    """UsageError, with the nearest, for a type that the region does not have."""
    from hpcctl.aws.catalog import catalog
    from hpcctl.nearest import did_you_mean

    names = [offer.name for offer in catalog(cloud, home=session.home).offers]
    if name not in names:
        raise UsageError(
            f"there is no instance type {name!r} in {cloud.region}",
            hint=did_you_mean(name, names, otherwise="hpcctl types shows all"),
        )


def _print(history: History) -> None:
    listed = history.listed
    headers = ("ZONE", "   NOW", "  MEAN", "   MAX", "   MIN", "OF ON-DEMAND")
    console.table(headers, [_row(zone, listed) for zone in history.zones])
    if listed:
        console.result(f"on demand {usd(listed.usd)} USD an hour (list price, asked on {listed.day})")
    else:
        console.result("on demand: unknown")
    console.result("")
    for line in _plot(history):
        console.result(line)


def _row(zone: ZoneSummary, listed: Price | None) -> tuple[str, ...]:
    return (
        zone.zone,
        *(usd(value) for value in (zone.current, zone.mean, zone.highest, zone.lowest)),
        f"{zone.current / listed.usd:.0%}".rjust(12) if listed else "-".rjust(12),
    )


def _plot(history: History) -> Sequence[str]:
    from hpcctl.cli.plot import SEVERAL, plotted

    letters = letters_of([zone.zone for zone in history.zones])
    series = {
        letters[zone.zone]: [(change.moment, change.usd) for change in zone.changes] for zone in history.zones
    }
    width = max(min(shutil.get_terminal_size().columns, WIDEST), NARROWEST)
    lines = plotted(series, since=history.since, until=history.until, width=width, height=ROWS)
    legend = ", ".join(f"{letter} {zone}" for zone, letter in letters.items())
    several = f", {SEVERAL} several" if len(letters) > 1 else ""
    return [*lines, *textwrap.wrap(f"USD an hour: {legend}{several}", width)]


def letters_of(zones: Sequence[str]) -> dict[str, str]:
    """A letter for each zone: its last one, or letters in order where two would be the same."""
    last = [zone[-1] for zone in zones]
    if len(set(last)) == len(last):
        return dict(zip(zones, last, strict=True))
    return {zone: chr(ord("a") + number) for number, zone in enumerate(zones)}


def _json(history: History) -> dict[str, Any]:
    listed = history.listed
    return {
        "type": history.instance_type,
        "since": history.since.isoformat(timespec="seconds"),
        "until": history.until.isoformat(timespec="seconds"),
        "usd_an_hour": listed.usd if listed else None,
        "day": listed.day if listed else None,
        "zones": [_zone_json(zone, listed) for zone in history.zones],
    }


def _zone_json(zone: ZoneSummary, listed: Price | None) -> dict[str, Any]:
    return {
        "zone": zone.zone,
        "current_usd": zone.current,
        "mean_usd": round(zone.mean, 6),
        "max_usd": zone.highest,
        "min_usd": zone.lowest,
        "share_of_on_demand": round(zone.current / listed.usd, 4) if listed else None,
        "changes": [{"since": change.since, "usd": change.usd} for change in zone.changes],
    }


def _require_matplotlib() -> None:
    """Before anything is asked. UsageError that names the extra."""
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise UsageError("--png needs matplotlib, which is not installed", hint="pip install 'hpcctl[plot]'")
