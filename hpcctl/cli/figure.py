"""The plot of ``hpcctl spot-history`` as a picture; the only module that knows matplotlib."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from hpcctl.errors import UsageError

if TYPE_CHECKING:
    from hpcctl.cli.spot_history import History


def draw(history: History, path: Path) -> None:
    """Write a PNG. UsageError where it cannot be written."""
    os.environ.setdefault("MPLBACKEND", "Agg")  # a picture needs no window
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    since, until = date2num(history.since), date2num(history.until)
    for zone in history.zones:
        moments = [date2num(max(change.moment, history.since)) for change in zone.changes]
        values = [change.usd for change in zone.changes]
        label = f"{zone.zone}  (mean {zone.mean:.4f})"
        axes.step([*moments, until], [*values, values[-1]], where="post", label=label, linewidth=1.4)
    if history.listed:
        label = f"on demand  ({history.listed.usd:.4f})"
        axes.axhline(history.listed.usd, color="black", linestyle="--", linewidth=1, label=label)
    locator = AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set(title=f"Spot capacity of {history.instance_type}", ylabel="USD an hour (Linux)")
    axes.set_xlim(since, until)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize="small")
    try:
        figure.savefig(path, format="png")
    except OSError as error:
        raise UsageError(f"--png: {path}: {error.strerror}", hint="may you write there?") from error
