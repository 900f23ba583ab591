"""Several clusters on a terminal: those at work have a line each that moves, ended ones stay above."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from hpcctl.cli.board import in_short
from hpcctl.cli.progress import STOPPING, Phase, Recorder
from hpcctl.errors import HpcctlError


class LiveLane(Recorder):
    """What one cluster is at."""

    def __init__(self, name: str, board: LiveBoard) -> None:
        super().__init__()
        self.name = name
        self.words = ""
        self._board = board

    def opened(self, phase: Phase) -> None:
        self.words = ""

    def closed(self, phase: Phase, *, failed: bool) -> None:
        self.words = ""

    def detail(self, text: str) -> None:
        self.words = text

    def note(self, text: str) -> None:
        self._board.line(Text(f"  {self.name}: note: {text}", style="cyan"))

    def warn(self, text: str) -> None:
        self._board.line(Text(f"  {self.name}: warning: {text}", style="yellow"))

    def at(self) -> tuple[str, float]:
        """The innermost phase that is open, and its seconds."""
        with self.lock:
            open_ = [root for root in self.roots if root.ended is None]
            found = None
            while open_:
                found = open_[-1]
                open_ = [child for child in found.children if child.ended is None]
        return (found.name, found.seconds()) if found else ("", 0.0)


class LiveBoard:
    """See ``Board``."""

    def __init__(self, names: Sequence[str]) -> None:
        self._width = max(map(len, names), default=0)
        self._all = len(names)
        self._done = self._failed = 0
        self._lanes: dict[str, LiveLane] = {}
        self._stopping = False
        self._console = Console(stderr=True, highlight=False)
        self._spinner = Spinner("dots")
        self._live = Live(
            get_renderable=self._drawn,
            console=self._console,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> LiveBoard:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def lane(self, name: str) -> Recorder:
        """See ``Board``."""
        lane = LiveLane(name, self)
        self._lanes[name] = lane
        return lane

    def ended(self, name: str, seconds: float, failure: HpcctlError | None) -> None:
        """See ``Board``."""
        self._lanes.pop(name, None)
        self._done += failure is None
        self._failed += failure is not None
        mark, style = ("✗", "red") if failure else ("✓", "green")
        line = Text(f"{mark} ", style=style).append(name.ljust(self._width), style="default")
        line.append(f"  {seconds:.1f} s  ", style="dim")
        self.line(line.append(in_short(failure), style="red" if failure else "default"))

    def stopping(self) -> None:
        """See ``Board``."""
        self._stopping = True  # drawn with the next picture

    def line(self, text: Text) -> None:
        """A line that stays, above those that move."""
        self._console.print(text, no_wrap=True, overflow="ellipsis")

    def _drawn(self) -> Group:
        lanes = tuple(self._lanes.values())
        lines = [self._lane(lane) for lane in lanes]
        waiting = self._all - self._done - self._failed - len(lanes)
        counts = (
            (self._done, "done"),
            (self._failed, "failed"),
            (len(lanes), "at work"),
            (waiting, "waiting"),
        )
        words = ", ".join(f"{count} {what}" for count, what in counts if count)
        lines.append(Text(f"  {self._all} clusters: {words}", style="dim"))
        if self._stopping:
            lines.append(Text(STOPPING, style="yellow"))
        return Group(*lines)

    def _lane(self, lane: LiveLane) -> Text:
        frame = self._spinner.render(self._console.get_time())
        phase, seconds = lane.at()
        line = Text(overflow="ellipsis", no_wrap=True)
        line.append_text(frame if isinstance(frame, Text) else Text(str(frame)))
        line.append(f" {lane.name.ljust(self._width)}  {phase}  ").append(f"{seconds:.0f} s", style="dim")
        if lane.words:
            line.append(f"  {lane.words}", style="dim")
        return line
