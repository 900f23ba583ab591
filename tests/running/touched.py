"""What the last commits touch: test files, and the modules that test files name."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

COMMITS = 20
"""How many commits are the last ones: about a day's work."""


@dataclass(frozen=True)
class Touched:
    """Paths relative to ``root`` that changed lately."""

    root: Path
    paths: tuple[str, ...]

    def by(self, test: Path) -> bool:
        """Whether ``test`` itself changed, or a module that it imports or otherwise names."""
        if any(test == self.root / path for path in self.paths):
            return True
        text = test.read_text(encoding="utf-8")
        return any(module in text for module in self._modules)

    @cached_property
    def _modules(self) -> tuple[str, ...]:
        changed = (path.removesuffix(".py") for path in self.paths if path.endswith(".py"))
        return tuple(path.removesuffix("/__init__").replace("/", ".") for path in changed)


def lately_touched(root: Path, commits: int = COMMITS) -> Touched:
    """By git; nothing where this is no checkout."""
    names = _git(root, "log", f"-{commits}", "--name-only", "--format=")
    return Touched(root=root, paths=tuple(sorted({line for line in names.splitlines() if line})))


def present_commit(root: Path) -> str:
    """Its hash; empty where this is no checkout."""
    return _git(root, "rev-parse", "HEAD").strip()


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
