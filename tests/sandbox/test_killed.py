"""hpcctl killed or interrupted while clusters are made and taken away; their machines are records.

Everything here happens to the same clusters, in the order in which it stands; each test goes on where the last one
left them. Without machines a create ends at "wait for ssh".
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from hpcctl import sandbox
from hpcctl.aws import ResourceKind, resources_of
from hpcctl.sandbox.client import SandboxClient
from hpcctl.workspace import Workspace
from tests.killing import Place, Running, Said
from tests.sandbox.gates import terraform_waits, until_held
from tests.sandbox.polling import until
from tests.sandbox.quiet import WITHOUT_MACHINES, Silent

pytestmark = [pytest.mark.sandbox, pytest.mark.terraform]

NODES = 2
FAR = "==> wait for ssh"
OUTLIVED = "waiting for the Terraform of an hpcctl that was killed (process "
RESUMED = "the same command finishes it; nothing is lost, nothing is made twice"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A home in which no Terraform was ever initialised, and an account without a base."""
    folder = tmp_path_factory.mktemp("place")
    made = Place(home=folder / "home", user=folder / "user")
    made.home.mkdir(mode=0o700)
    made.user.mkdir()
    sandbox.ensure_up(made.home, progress=Silent(), wanted=WITHOUT_MACHINES)
    yield made
    sandbox.down(made.home)


def create(name: str) -> list[str]:
    return ["create", "--profile", "sandbox", name, str(NODES), "c5.xlarge", "4"]


def made_of(place: Place, name: str) -> dict[str, str]:
    """What the cloud has of a cluster: kind and node to id."""
    workspace = Workspace(home=place.home, name=name)
    if not workspace.exists():
        return {}
    record = workspace.load()
    found = resources_of(record.cloud, record.cluster_id)
    keys = [f"{one.kind.value} {one.node}" for one in found]
    assert len(set(keys)) == len(keys), f"made twice: {sorted(keys)}"
    return {key: one.id for key, one in zip(keys, found, strict=True)}


def instances(place: Place, name: str) -> dict[str, str]:
    found = made_of(place, name)
    return {key: id_ for key, id_ in found.items() if key.startswith(ResourceKind.INSTANCE.value)}


def state(place: Place, name: str) -> str:
    """In a word, as both verbs tell it."""
    shown, listed = place("show", name, "--json"), place("list", "--json")
    assert shown.is_calm, shown.err
    by_name = {one["name"]: one["state"] for one in json.loads(listed.out)}
    word = str(json.loads(shown.out)["state"])
    assert by_name[name] == word
    return word


def kill_terraform(place: Place, name: str) -> None:
    """kill -9 of a cluster's Terraform, its providers included."""
    number = int((place.home / "clusters" / name / "log" / "terraform.pid").read_text())
    os.killpg(number, signal.SIGKILL)


def stopped(said: Said) -> None:
    assert said.code == 130, said.err
    assert said.is_calm, said.err
    assert "error: `hpcctl " in said.err
    assert "hint:" in said.err


@pytest.mark.fault(
    "two hpcctl at once on different clusters",
    "create: an empty home, the very first terraform init, no base",
    "they run side by side and make one base",
)
@pytest.mark.fault("kill -9 of hpcctl", "create: Terraform makes the base", RESUMED)
def test_two_creates_side_by_side_one_is_killed_while_it_makes_the_base(place: Place) -> None:
    control = control_of(place)
    with place.running(*create("one")) as one, place.running(*create("two")) as two, ExitStack() as later:
        runs = {"one": one, "two": two}
        with terraform_waits(control, "CreateSubnet"):
            until_held(control)
            making = next(name for name in runs if "terraform: base" in runs[name].err)
            other = next(name for name in runs if name != making)
            runs[making].kill()
            again = later.enter_context(place.running(*create(making)))
            runs[other].until(OUTLIVED)
        # The machines run, and Terraform looks at them: one loses its driver, the other its Terraform as well.
        with terraform_waits(control, "DescribeInstances"):
            runs[other].until(FAR)
            again.until(FAR)
            until(lambda: len(control.held()) > 1, what="both Terraforms look at their machines")
            runs[other].kill()
            kill_terraform(place, other)
            assert len(instances(place, making)) == NODES
            again.kill()
    bases = [path for path in (place.home / "base").iterdir() if (path / "terraform").is_dir()]
    assert len(bases) == 1


def control_of(place: Place) -> SandboxClient:
    record = sandbox.running(place.home)
    assert record
    return SandboxClient(url=record.url)


@pytest.mark.fault("kill -9 of hpcctl", "create: Terraform makes the machines", RESUMED)
@pytest.mark.fault("kill -9 of hpcctl and of its Terraform", "create: Terraform makes the machines", RESUMED)
def test_killed_creates_are_finished_by_the_same_command(place: Place) -> None:
    before = {name: made_of(place, name) for name in ("one", "two")}
    for name in before:
        assert state(place, name) == "unfinished"
    with ExitStack() as open_runs:
        runs = {name: open_runs.enter_context(place.running(*create(name))) for name in before}
        for name, run in runs.items():
            run.until("terraform: cluster: done")
            run.until(FAR)
            assert before[name].items() <= made_of(place, name).items(), name
        assert state(place, "one") == "creating"
        locks_of_a_living_create(place, runs["one"])
        for name, run in runs.items():
            run.press(signal.SIGINT if name == "one" else signal.SIGTERM)
            said = run.end()
            stopped(said)
            assert f"{name} is unfinished" in said.err
            assert "the same `hpcctl create` goes on" in said.err


def locks_of_a_living_create(place: Place, holder: Running) -> None:
    """What others hear meanwhile."""
    for words in (["terminate", "--yes", "one"], create("one"), ["check", "one"]):
        refused = place(*words)
        assert refused.code == 1
        assert f"one is in use by hpcctl create (process {holder.process.pid}, since 20" in refused.err
    with place.running("terminate", "--yes", "--wait", "one") as waiting:
        waiting.until(f"waiting for hpcctl create (process {holder.process.pid}")
        waiting.press()
        said = waiting.end()
        stopped(said)
        assert "nothing was changed by it" in said.err


WRITES = [
    "*/ssh/id_ed25519",
    "*/ssh/known_hosts",
    "*/three/terraform/main.tf",
    "*/three/terraform/terraform.tfvars.json",
    "*/three/cluster.json",
]


@pytest.mark.fault("kill -9 of hpcctl", "create: a file is written, before Terraform", RESUMED)
@pytest.mark.parametrize("pattern", WRITES)
def test_killed_while_files_are_written_nothing_is_there_yet(place: Place, pattern: str) -> None:
    with place.running(*create("three"), die_at=pattern) as run:
        said = run.end()
    assert said.code == -signal.SIGKILL, said.err
    listed = json.loads(place("list", "--json").out)
    assert {one["name"] for one in listed} == {"one", "two"}


@pytest.mark.fault("kill -9 of hpcctl", "create: a file is written, before Terraform", "terminate cleans up")
def test_terminate_removes_the_files_of_a_cluster_that_was_never_made(place: Place) -> None:
    assert (place.home / "clusters" / "three").is_dir()
    assert place("terminate", "--yes", "three").code == 0
    assert not list((place.home / "clusters").glob("*three*"))
    assert place("terminate", "--yes", "three").code == 1


@pytest.mark.fault("kill -9 of hpcctl", "create: the inventory is written, after Terraform", RESUMED)
@pytest.mark.fault("Ctrl-C", "create: Terraform makes the machines", "it says what is left and what goes on")
def test_interrupted_around_terraform(place: Place) -> None:
    control = control_of(place)
    before = {name: made_of(place, name) for name in ("one", "two")}
    with place.running(*create("one"), die_at="*/one/cluster.json") as one:
        assert one.end().code == -signal.SIGKILL
    with place.running(*create("two")) as two:
        with terraform_waits(control):
            until_held(control)
            two.press()
            two.until("stopping when nothing is lost by it")
        said = two.end()
    stopped(said)
    assert "two is unfinished" in said.err
    assert {name: made_of(place, name) for name in before} == before
    assert state(place, "one") == state(place, "two") == "unfinished"


def running_terraform(place: Place, name: str) -> bool:
    from hpcctl.terraform.process import still_running

    return still_running(place.home / "clusters" / name / "log" / "terraform.log") is not None


@pytest.mark.fault("kill -9 of hpcctl", "terminate: Terraform destroys", "the same command finishes it")
@pytest.mark.fault("kill -9 of hpcctl", "terminate: a file is written", "the same command finishes it")
@pytest.mark.fault(
    "Ctrl-C, twice", "terminate: Terraform destroys", "it ends at once; the same command finishes it"
)
def test_terminate_is_finished_by_the_same_command(place: Place) -> None:
    ids = {name: identity(place, name) for name in ("one", "two")}
    with place.running("terminate", "--yes", "one", die_at="*/one/cluster.json") as run:
        assert run.end().code == -signal.SIGKILL
    assert state(place, "one") == "unfinished"
    control = control_of(place)
    with (
        terraform_waits(control),
        place.running("terminate", "--yes", "one") as one,
        place.running("terminate", "--yes", "two") as two,
    ):
        until(lambda: len(control.held()) > 1, what="both Terraforms are at work")
        one.kill()
        two.press()
        two.until("stopping when nothing is lost by it")
        two.press()
        said = two.end()
        assert said.is_calm, said.err
        assert said.code in (130, -signal.SIGINT), said.err
        until(lambda: not running_terraform(place, "two"), what="the end of Terraform")
    assert state(place, "one") == state(place, "two") == "half terminated"
    for pattern, code in (("*/.one.removed", -signal.SIGKILL), ("*/ssh_config", -signal.SIGKILL)):
        with place.running("terminate", "--yes", "one", "two", die_at=pattern) as run:
            said = run.end()
            assert said.code == code, said.err
    done = place("terminate", "--yes", "one", "two")
    assert done.code == 0, done.err
    for cloud, cluster_id in ids.values():
        assert resources_of(cloud, cluster_id) == ()
    assert place("list", "--json").out.strip() == "[]"
    assert not list((place.home / "clusters").iterdir())
    assert "Host" not in (place.home / "ssh_config").read_text()
    assert not list(place.home.glob(".ssh_config.*"))


def identity(place: Place, name: str) -> tuple[object, str]:
    record = Workspace(home=place.home, name=name).load()
    return record.cloud, record.cluster_id


def record_phase(place: Place, name: str) -> str:
    return Workspace(home=place.home, name=name).load().phase.value


@pytest.mark.fault("kill -9 of hpcctl", "anywhere", "no secret and no half file is left for others to read")
def test_what_was_left_is_private(place: Place) -> None:
    for path in place.home.rglob("*"):
        if path.is_file() and path.relative_to(place.home).parts[0] not in ("sandbox", "terraform"):
            text = path.read_text(errors="replace")
            assert "PRIVATE KEY" not in text, path
