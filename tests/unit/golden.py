"""Golden folders that keep every text once, however many of them have it.

A text lies in the folder of the first example that has it, and ``same.json`` tells whose texts the others have. So a
file that changes, comes or goes in one of them alone is a difference, and one that changes in all is one difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

Files = Mapping[str, str]
SAME = "same.json"


def is_rewriting() -> bool:
    """Are the golden files to be made anew, as by ``make golden``?"""
    return bool(os.environ.get("HPCCTL_GOLDEN"))


def laid_out(examples: Mapping[str, Files]) -> dict[str, str]:
    """All golden files of these examples, by path."""
    first: dict[tuple[str, str], str] = {}
    kept: dict[str, str] = {}
    same: dict[str, dict[str, str]] = {}
    for example, files in examples.items():
        for path, text in sorted(files.items()):
            owner = first.setdefault((path, text), example)
            if owner == example:
                kept[f"{example}/{path}"] = text
            else:
                same.setdefault(example, {})[path] = owner
    return {**kept, SAME: json.dumps(same, indent=2) + "\n"}


def write(root: Path, examples: Mapping[str, Files]) -> None:
    """Make the golden files anew; what no example has goes."""
    for old in sorted(root.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    for path, text in laid_out(examples).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def read(root: Path, example: str) -> dict[str, str]:
    """The golden files of one example, whoever's folder they lie in."""
    own = {path.name: path for path in (root / example).glob("*")}
    others = json.loads((root / SAME).read_text(encoding="utf-8")).get(example, {})
    paths = {**own, **{name: root / owner / name for name, owner in others.items()}}
    return {name: path.read_text(encoding="utf-8") for name, path in paths.items()}
