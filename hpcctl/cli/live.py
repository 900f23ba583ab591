"""Progress on a terminal, drawn by rich: what runs moves, what is done stays."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from hpcctl.cli.progress import STOPPING, Phase, Recorder


class LiveProgress(Recorder):
    """Open phases with their seconds and the present detail; ended ones above, as lines that stay."""

    def __init__(self) -> None:
        super().__init__()
        self._console = Console(stderr=True, highlight=False)
        self._spinner = Spinner("dots")
        self._detail = ""
        self._stopping = False
        self._live = Live(
            get_renderable=self._drawn,
            console=self._console,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def stopping(self) -> None:
        self._stopping = True  # drawn with the next picture

    def opened(self, phase: Phase) -> None:
        self._detail = ""
        if not self._live.is_started:
            self._live.start()

    def closed(self, phase: Phase, *, failed: bool) -> None:
        self._detail = ""
        if failed:
            self._line("✗", phase, "red")
        elif phase.depth == 0:
            self._finished(phase)
        if not any(root.ended is None for root in self.roots):
            self._live.stop()

    def detail(self, text: str) -> None:
        self._detail = text

    def note(self, text: str) -> None:
        self._console.print(Text(f"  note: {text}", style="cyan"))

    def warn(self, text: str) -> None:
        self._console.print(Text(f"  warning: {text}", style="yellow"))

    def _finished(self, phase: Phase) -> None:
        self._line("✓", phase, "green")
        for child in phase.children:
            self._finished(child)

    def _line(self, mark: str, phase: Phase, style: str) -> None:
        line = Text("  " * phase.depth)
        line.append(f"{mark} ", style=style)
        line.append(f"{phase.name}  ")
        line.append(f"{phase.seconds():.1f} s", style="dim")
        self._console.print(line)

    def _drawn(self) -> Group:
        with self.lock:
            lines = [line for root in self.roots if root.ended is None for line in self._running(root)]
        if self._detail:
            lines.append(Text(f"    {self._detail}", style="dim", overflow="ellipsis", no_wrap=True))
        if self._stopping:
            lines.append(Text(STOPPING, style="yellow"))
        return Group(*lines)

    def _running(self, phase: Phase) -> list[Text]:
        frame = self._spinner.render(self._console.get_time())
        line = Text("  " * phase.depth).append_text(frame if isinstance(frame, Text) else Text(str(frame)))
        line.append(f" {phase.name}  ").append(f"{phase.seconds():.0f} s", style="dim")
        below = [text for child in phase.children if child.ended is None for text in self._running(child)]
        return [line, *below]
