"""The benchmark's report: numbers that were measured, on the machine that they came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.figures import Figure, Options, Part
from bench.programs import Failed, run
from bench.report import Results, markdown
from hpcctl.state import Timing

MACHINE = {
    "processor": "fast",
    "cores": "2",
    "memory": "8 GiB",
    "hardware virtualisation": "KVM",
    "date": "1",
}
CREATE = Figure(
    what="create",
    unit="s",
    runs=(30.0, 90.0, 60.0),
    target=75.0,
    phases=(Timing(name="preflight", seconds=1.5), Timing(name="asking", seconds=1.0, depth=1)),
)
BARE = Figure(what="python", unit="ms", runs=(12.4,))


def nothing(options: Options) -> Sequence[Figure]:
    return ()


PARTS = {
    "one": Part(title="First", method="So.", measure=nothing),
    "two": Part(title="Second", method="Otherwise.", measure=nothing),
}


def test_a_figure_is_the_median_and_its_ratio_to_the_target() -> None:
    assert CREATE.value == 60
    assert CREATE.ratio == pytest.approx(0.8)
    assert BARE.ratio is None


def test_the_page_shows_ratio_runs_and_phases() -> None:
    page = markdown(Results().with_part(MACHINE, "one", [CREATE, BARE]), PARTS)
    assert "| create | 60.0 s | ≤ 75.0 s | 0.80 | 3 (30.0 s to 90.0 s) |" in page
    assert "| python | 12 ms |  |  | 1 |" in page
    assert "| preflight | 1.5 s |" in page
    assert "| of which asking | 1.0 s |" in page
    assert "| processor | fast |" in page
    assert "## Second\n\nOtherwise.\n\nNot measured" in page


def test_results_survive_their_file(tmp_path: Path) -> None:
    results = Results().with_part(MACHINE, "one", [CREATE])
    results.write(tmp_path / "results.json")
    again = Results.read(tmp_path / "results.json")
    assert again.machine == MACHINE
    assert list(again.figures["one"]) == [CREATE]
    assert Results.read(tmp_path / "missing.json") == Results()


def test_a_part_replaces_itself_and_keeps_company_with_its_own_machine_only() -> None:
    both = Results().with_part(MACHINE, "one", [CREATE]).with_part({**MACHINE, "date": "2"}, "two", [BARE])
    assert set(both.figures) == {"one", "two"}
    assert both.machine["date"] == "2"
    elsewhere = both.with_part({**MACHINE, "cores": "64"}, "two", [BARE])
    assert set(elsewhere.figures) == {"two"}


def test_a_program_that_fails_is_told_with_its_last_words() -> None:
    with pytest.raises(Failed, match="no such thing"):
        run(["sh", "-c", "echo no such thing >&2; exit 3"], {"PATH": "/usr/bin:/bin"})
