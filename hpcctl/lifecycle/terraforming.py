"""Terraform with its events shown as progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hpcctl.lifecycle.context import Context
from hpcctl.progress import Progress
from hpcctl.terraform import Event, Plan, Wish, find_terraform, parallelism_for

SHOWN = {
    "apply_start": "{subject}",
    "apply_progress": "{subject}, {elapsed:.0f} s",
    "apply_complete": "{subject} done after {elapsed:.0f} s",
    "refresh_start": "looking at {subject}",
}


def apply(folder: Path, *, size: int, context: Context, plan: Plan | None = None) -> Mapping[str, Any]:
    """Apply the folder, or exactly ``plan``; the outputs by name. ``size``: nodes in it."""
    return find_terraform(context.home).apply(
        folder, on_event=_shown(context.progress), parallelism=parallelism_for(size), plan=plan
    )


@contextmanager
def planned(folder: Path, wish: Wish, *, size: int, context: Context) -> Iterator[Plan]:
    """What ``apply`` would change; the plan's file is there as long as the context is open."""
    with find_terraform(context.home).planned(
        folder, wish, on_event=_shown(context.progress), parallelism=parallelism_for(size)
    ) as plan:
        yield plan


def settle(folder: Path, *, context: Context) -> None:
    """Wait for a Terraform that an hpcctl which was killed left at work in the folder, and say so."""
    find_terraform(context.home).settle(folder, say=context.progress.note)


def adopt(folder: Path, strays: Mapping[str, str], *, size: int, context: Context) -> tuple[str, ...]:
    """Take ``strays`` (ids by address) into the folder's state; the addresses that were not in it."""
    return find_terraform(context.home).adopt(
        folder, strays, on_event=_shown(context.progress), parallelism=parallelism_for(size)
    )


def planned_changes(
    folder: Path, strays: Mapping[str, str], *, size: int, context: Context
) -> tuple[str, ...]:
    """What an apply would change, in words; empty where the cloud is as the folder says.

    ``strays`` (ids by address) exist, whether the folder's state knows them or not.
    """
    with planned(folder, Wish(strays=strays), size=size, context=context) as plan:
        return tuple(change.words for change in plan.changes)


def destroy(folder: Path, *, size: int, context: Context) -> None:
    """Take away what the folder's state knows."""
    find_terraform(context.home).destroy(
        folder, on_event=_shown(context.progress), parallelism=parallelism_for(size)
    )


def forget(folder: Path, resource: str, *, context: Context) -> None:
    """Let the folder's state know no more of ``resource``, whose instances are gone."""
    find_terraform(context.home).forget(folder, resource, on_event=_shown(context.progress))


def _shown(progress: Progress) -> Callable[[Event], None]:
    def show(event: Event) -> None:
        text = SHOWN.get(event.kind)
        if text:
            progress.detail(text.format(subject=event.subject, elapsed=event.elapsed))

    return show
