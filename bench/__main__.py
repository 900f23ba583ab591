"""``python -m bench [PART…]``: measure, and write bench/results.json and docs/benchmarks.md."""

from __future__ import annotations

import argparse
import signal
import sys

from bench import (
    calls,
    create,
    image,
    machine,
    memory,
    power,
    prices,
    replacement,
    startup,
    terraform,
    tests,
    validate,
)
from bench.figures import Options, Part
from bench.programs import ROOT, Failed
from bench.report import Results, markdown
from hpcctl.errors import HpcctlError
from hpcctl.files import write_atomically

PARTS: dict[str, Part] = {
    "startup": startup.PART,
    "validate": validate.PART,
    "terraform": terraform.PART,
    "create": create.PART,
    "power": power.PART,
    "replacement": replacement.PART,
    "calls": calls.PART,
    "memory": memory.PART,
    "prices": prices.PART,
    "image": image.PART,
    "tests": tests.PART,
}
BY_DEFAULT = tuple(name for name in PARTS if name not in ("image", "tests"))
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    """Exit code 0: all that was asked for is measured (not: every target is met)."""
    given = _arguments()
    if given.page:
        _write_page(Results.read(RESULTS))
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        results = _measured(given.parts or list(BY_DEFAULT), quick=given.quick)
    except KeyboardInterrupt:
        _say("interrupted; what was started is gone, nothing is written for the part that was under way")
        return 130
    except (Failed, HpcctlError) as error:
        _say(str(error))
        return 1
    sys.stdout.write(markdown(results, {name: PARTS[name] for name in results.figures}))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure hpcctl on this machine.")
    named = ", ".join(PARTS)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {named}; by default all but image and tests"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="try the benchmark itself: smallest sizes, once, nothing is written",
    )
    parser.add_argument(
        "--page",
        action="store_true",
        help="write docs/benchmarks.md from bench/results.json, and measure nothing",
    )
    given = parser.parse_args()
    unknown = sorted(set(given.parts) - set(PARTS))
    if unknown:
        parser.error(f"no part is called {', '.join(unknown)}; the parts are: {named}")
    return given


def _measured(names: list[str], *, quick: bool) -> Results:
    """Each part is written down as soon as it is measured."""
    about = machine.describe()
    results = Results() if quick else Results.read(RESULTS)
    for name in names:
        _say(f"==> {PARTS[name].title}")
        options = Options(quick=quick, say=lambda text: _say(f"    {text}"))
        results = results.with_part(about, name, PARTS[name].measure(options))
        if not quick:
            results.write(RESULTS)
            _write_page(results)
    return results


def _write_page(results: Results) -> None:
    write_atomically(PAGE, markdown(results, PARTS))
    PAGE.chmod(0o644)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
