"""Terraform as five typed calls. Every failure is a TerraformError with the cause and the log's path."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpcctl.errors import Interrupted, TerraformError
from hpcctl.files import private_folder, write_atomically
from hpcctl.templating import render_template
from hpcctl.terraform import commands
from hpcctl.terraform.binary import Binary, find_binary
from hpcctl.terraform.environment import ADOPTION_FILE, BACKEND_FILE, child_environment, write_cli_config
from hpcctl.terraform.events import Diagnostic, Event, failure, parse_event
from hpcctl.terraform.initialise import shared_data
from hpcctl.terraform.plans import Plan, PlannedChange, parse_changes, parse_outputs
from hpcctl.terraform.process import await_turn, run, still_running
from hpcctl.terraform.turns import turn

OnEvent = Callable[[Event], None]
DEFAULT_PARALLELISM = 10
STATE_FILE = "terraform.tfstate"
_LITTLE = 64 * 1024
PLAN_FILE = "hpcctl.tfplan"
_CHANGES = 2


def find_terraform(home: Path) -> Terraform:
    """The Terraform of this machine, ready to use; TerraformError if there is none or it is too old."""
    binary = find_binary(home)
    return Terraform(home=home, binary=binary, config=write_cli_config(home, binary))


def parallelism_for(nodes: int) -> int:
    """All nodes at once: each waits 10 s, whatever AWS answers, and waiting costs nothing."""
    return max(DEFAULT_PARALLELISM, nodes + 6)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a plan is to do beside what the folder says.

    ``replace`` are addresses of what is to be made anew; ``strays`` are ids, by address, of what exists and is to be
    taken into the state unless the state knows it.
    """

    replace: tuple[str, ...] = ()
    strays: Mapping[str, str] = field(default_factory=dict)


NO_WISH = Wish()


@dataclass(frozen=True, kw_only=True)
class Terraform:
    """A program, and how it is to be run. ``folder`` is always one that was rendered and written."""

    home: Path
    binary: Binary
    config: Path

    def settle(self, folder: Path, *, say: Callable[[str], None]) -> None:
        """Wait for a Terraform that outlived a killed hpcctl: before it has ended nobody knows what there is."""
        log = log_path(folder)
        running = still_running(log)
        if running:
            say(f"waiting for {running}, which finishes what it began")
            await_turn(log)

    def apply(
        self,
        folder: Path,
        *,
        on_event: OnEvent,
        parallelism: int = DEFAULT_PARALLELISM,
        plan: Plan | None = None,
    ) -> Mapping[str, Any]:
        """Make the cloud as the folder says, or as ``plan`` says and nothing else; the outputs by name."""
        if plan and plan.is_empty:
            return plan.outputs
        outputs: dict[str, Any] = {}

        def keep(event: Event) -> None:
            outputs.update(event.outputs)
            on_event(event)

        if plan:
            command = commands.apply_plan(self.binary.path, parallelism, plan_file=plan.path)
        else:
            command = commands.change(self.binary.path, "apply", parallelism)
        self._run(folder, "apply", command, on_event=keep)
        return outputs

    def destroy(
        self,
        folder: Path,
        *,
        on_event: OnEvent,
        parallelism: int = DEFAULT_PARALLELISM,
        refresh: bool = True,
    ) -> None:
        """Take away all that the folder's state knows. ``refresh=False`` trusts the state, and is faster."""
        command = commands.change(self.binary.path, "destroy", parallelism, refresh=refresh)
        self._run(folder, "destroy", command, on_event=on_event)

    def forget(self, folder: Path, resource: str, *, on_event: OnEvent) -> None:
        """Let the state know no more of ``resource``, all of whose instances are gone; needs no provider."""
        if any(address.partition("[")[0] == resource for address in self._known(folder)):
            self._run(folder, "state", commands.state_rm(self.binary.path, resource), on_event=on_event)

    @contextmanager
    def planned(
        self, folder: Path, wish: Wish = NO_WISH, *, on_event: OnEvent, parallelism: int = DEFAULT_PARALLELISM
    ) -> Iterator[Plan]:
        """What ``apply`` would change, in a file that is there as long as the context is open."""
        path = folder / PLAN_FILE
        with self._adopting(folder, wish.strays) as adopted:
            try:
                command = commands.plan(self.binary.path, parallelism, out=path, replace=wish.replace)
                code = self._run(folder, "plan", command, on_event=on_event, good=(0, _CHANGES))
                shown = self._ask(folder, "show", commands.show(self.binary.path, path))
                yield Plan(
                    path=path,
                    is_empty=code != _CHANGES,
                    changes=parse_changes(shown),
                    adopted=adopted,
                    outputs=parse_outputs(shown),
                )
            finally:
                path.unlink(missing_ok=True)

    def plan(self, folder: Path, *, on_event: OnEvent) -> tuple[PlannedChange, ...]:
        """What ``apply`` would change, and nothing more is done."""
        with self.planned(folder, on_event=on_event) as plan:
            return plan.changes

    def adopt(
        self, folder: Path, strays: Mapping[str, str], *, on_event: OnEvent, parallelism: int = 10
    ) -> tuple[str, ...]:
        """Take what exists but is not in the state into it: ``strays`` are ids by address.

        A provider that is stopped, or dies, in the middle of a call forgets what the call made. Returns the
        addresses that were taken in; Terraform runs only if there are any.
        """
        with self._adopting(folder, strays) as missing:
            if missing:
                command = commands.change(self.binary.path, "apply", parallelism, targets=missing)
                self._run(folder, "apply", command, on_event=on_event)
        return missing

    def output(self, folder: Path) -> Mapping[str, Any]:
        """The outputs of the last apply; needs no provider and no network."""
        answer = self._ask(folder, "output", commands.output(self.binary.path))
        return {name: output["value"] for name, output in answer.items()}

    def validate(self, folder: Path) -> tuple[Diagnostic, ...]:
        """What is wrong with the folder's configuration."""
        answer = self._ask(folder, "validate", commands.validate(self.binary.path), good=(0, 1))
        return tuple(
            Diagnostic(severity=item["severity"], summary=item["summary"], detail=item.get("detail", ""))
            for item in answer.get("diagnostics", ())
        )

    def init(self, folder: Path, *, on_event: OnEvent) -> Path:
        """Providers and modules, only where no folder like this one had them; returns TF_DATA_DIR.

        The other calls do it by themselves.
        """
        if not folder.is_dir():
            hint = f"is it that of a cluster? hpcctl recover {folder.parent.name} writes it again"
            raise TerraformError(f"there is no folder {folder}", hint=hint)
        if (folder / BACKEND_FILE).exists():
            self.binary.require_shared_state()

        def initialise(data: Path) -> None:
            try:
                self._stream(folder, data, "init", commands.init(self.binary.path), on_event=on_event)
            except TerraformError as error:
                raise _with_way_out(error, folder) from error

        identity = f"{self.binary.path} {self.binary.version}\n{self.config.read_text(encoding='utf-8')}"
        return shared_data(self.home, folder, identity=identity, init=initialise)

    @contextmanager
    def _adopting(self, folder: Path, strays: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
        """Import blocks for those that the state does not know, as long as the context is open; their addresses."""
        known = self._known(folder) if strays else frozenset()
        missing = {address: id_ for address, id_ in strays.items() if address not in known}
        path = folder / ADOPTION_FILE
        path.unlink(missing_ok=True)  # that of a run that was killed: what it names may be gone by now
        try:
            if missing:
                write_atomically(path, render_template("root/adoption.tf.j2", strays=missing))
            yield tuple(missing)
        finally:
            path.unlink(missing_ok=True)

    def _run(
        self,
        folder: Path,
        verb: str,
        command: list[str],
        *,
        on_event: OnEvent,
        good: Sequence[int] = (0,),
    ) -> int:
        data = self.init(folder, on_event=on_event)
        return self._stream(folder, data, verb, command, on_event=on_event, good=good)

    def _stream(
        self,
        folder: Path,
        data: Path,
        verb: str,
        command: list[str],
        *,
        on_event: OnEvent,
        good: Sequence[int] = (0,),
    ) -> int:
        diagnostics: list[Diagnostic] = []
        text: list[str] = []

        def take(line: str) -> None:
            event = parse_event(line)
            if event.diagnostic:
                diagnostics.append(event.diagnostic)
            elif event.kind == "text" and event.message.strip():
                text.append(event.message)
            on_event(event)

        log = log_path(folder)
        environment = child_environment(folder, self.config, data)
        code, stopped = run(command, folder=folder, environment=environment, log=log, on_line=take)
        if stopped:
            raise Interrupted(
                f"terraform {verb} was stopped; what exists is written down in {folder}",
                hint="The same command goes on from there; terminate takes everything away.",
            )
        if code not in good:
            raise _no_room(verb, folder) or failure(verb, diagnostics, text, str(log))
        return code

    def _known(self, folder: Path) -> frozenset[str]:
        """The addresses in the state."""
        if (folder / BACKEND_FILE).exists():
            pulled = self._answer(folder, "state", commands.state_pull(self.binary.path))
            if not json.loads(pulled or "{}").get("resources"):
                return frozenset()
            return self._addresses(folder)
        state = folder / STATE_FILE
        # Terraform makes the file empty when it takes its lock, long before it writes the first state.
        if not state.exists() or not state.stat().st_size or _set_aside(state):
            return frozenset()
        return self._addresses(folder)

    def _addresses(self, folder: Path) -> frozenset[str]:
        return frozenset(self._answer(folder, "state", commands.state_list(self.binary.path)).splitlines())

    def _ask(
        self, folder: Path, verb: str, command: list[str], *, good: Sequence[int] = (0,)
    ) -> dict[str, Any]:
        """A short command whose whole answer is one JSON document."""
        text = self._answer(folder, verb, command, good=good)
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise failure(verb, (), text.splitlines(), str(log_path(folder)))
        return answer

    def _answer(self, folder: Path, verb: str, command: list[str], *, good: Sequence[int] = (0,)) -> str:
        """The whole standard output of a short command."""
        data = self.init(folder, on_event=lambda _: None)
        environment = child_environment(folder, self.config, data)
        with turn():  # to show a plan loads the provider as well
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
        if done.returncode not in good:
            raise failure(verb, (), done.stderr.splitlines(), str(log_path(folder)))
        return done.stdout


def _set_aside(state: Path) -> bool:
    """Give a state that is no JSON another name: a full disk keeps half of one. What it knew is found by its tags."""
    try:
        json.loads(state.read_text(encoding="utf-8"))
    except ValueError:
        state.replace(state.with_name(f"{state.name}.damaged"))
        return True
    return False


def _with_way_out(error: TerraformError, folder: Path) -> TerraformError:
    """Of a cluster's folder: its files may be damaged, and ``recover`` has them all."""
    if folder.parent.parent.name != "clusters":
        return error
    again = (
        f"If a file in {folder} is damaged: `hpcctl recover --force {folder.parent.name}` writes all again."
    )
    hint = f"{again} {error.hint}".strip()
    return TerraformError(error.message, hint=hint, codes=error.codes, died=error.died)


def _no_room(verb: str, folder: Path) -> TerraformError | None:
    """On a full disk neither the log nor the state tell what happened."""
    if shutil.disk_usage(folder).free >= _LITTLE:
        return None
    return TerraformError(
        f"terraform {verb} failed: no space left on the disk of {folder}",
        hint="make room, then repeat the command: what was made and not written down is found by its tags",
    )


def log_path(folder: Path) -> Path:
    """The whole log of everything that Terraform did for this folder, beside it."""
    path = private_folder(folder.parent / "log") / "terraform.log"
    if not path.exists():
        try:
            path.touch(mode=0o600)
        except OSError as error:
            raise TerraformError(f"cannot write {path}: {error.strerror}") from error
    return path
