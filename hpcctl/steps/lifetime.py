"""The end of a cluster's lifetime, as the nodes keep it themselves: nobody's machine need be on at that hour."""

from __future__ import annotations

from datetime import datetime, timezone

from hpcctl.steps.model import On, Put, Step, WhenChanged
from hpcctl.steps.view import ClusterView, Lifetime
from hpcctl.templating import render_template

UNIT = "hpcctl-lifetime"
WARN_SECONDS = 600
"""How long before the end those who are logged in are told."""

HEAD_SECONDS = 45
"""So much later the head goes down: the nodes need it to end in good order, and then it puts their jobs back."""

_BEGIN = f"""wants=/etc/systemd/system/timers.target.wants
mkdir -p $wants && ln -sf ../{UNIT}.timer $wants/
[ "$(systemctl show -P NeedDaemonReload {UNIT}.timer)" = no ] || systemctl daemon-reload
systemctl restart {UNIT}.timer"""
"""By hand what `enable` does, and a reload only where an older timer is loaded: in it systemd reads all its units once
more, which takes seconds under emulation."""


def lifetime(view: ClusterView, *, leave: str, on: On) -> tuple[Step, ...]:
    """A timer that ends the work of a node by the script ``leave``, and switches it off. Nothing without a lifetime."""
    if view.lifetime is None:
        return ()
    given = view.lifetime
    ends = given.ends + (HEAD_SECONDS if on is On.HEAD else 0)
    program = render_template("steps/lifetime.sh.j2", ends=ends, seconds=given.seconds, cluster=view.name)
    return (
        Step(
            name="lifetime",
            on=on,
            actions=(
                Put(path="/usr/lib/hpcctl/leave", content=leave, mode="0700"),
                Put(path="/usr/lib/hpcctl/lifetime", content=program, mode="0755"),
                Put(
                    path=f"/etc/systemd/system/{UNIT}.service",
                    content=render_template("steps/lifetime.service"),
                ),
                Put(path=f"/etc/systemd/system/{UNIT}.timer", content=_timer(ends, given)),
                WhenChanged(command=_BEGIN),
            ),
            hint=f"`systemctl status {UNIT}.timer` on the node",
        ),
    )


def _timer(ends: int, given: Lifetime) -> str:
    times = [datetime.fromtimestamp(at, timezone.utc) for at in (ends - WARN_SECONDS, ends)]
    # For a node that was started without hpcctl, after its time.
    after = {900, given.seconds - WARN_SECONDS, given.seconds}
    return render_template(
        "steps/lifetime.timer.j2",
        times=[f"{at:%Y-%m-%d %H:%M:%S} UTC" for at in times],
        after_boot=sorted(seconds for seconds in after if seconds > 0),
    )
