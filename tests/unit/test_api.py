"""The Python API without machines: names, records, words for the request, and what importing it costs."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import hpcctl
from hpcctl import Cluster
from hpcctl.errors import CloudError, SpecError, StateError, UnknownCluster, UsageError
from hpcctl.progress import Saying
from hpcctl.spec.model import Cloud
from hpcctl.state import Phase
from hpcctl.wishes import Wishes, request
from hpcctl.workspace import Workspace
from tests.unit.records import RECORD, SPEC

PAPER = Path(__file__).parents[2] / "docs" / "python.md"
CLOUD = Cloud(profile="lab", region="us-east-1", endpoint_url="http://127.0.0.1:1")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "HPCCTL_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("HPCCTL_HOME", str(tmp_path / "home"))
    (tmp_path / "user").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.hcl").write_text('profile "lab" {\n  region = "us-east-1"\n}\n')
    Workspace(home=tmp_path / "home", name="demo").save(replace(RECORD, spec=SPEC))
    return tmp_path / "home"


def wanted(home: Path, **wishes: object) -> object:
    found: Wishes = {"profile": "lab", **wishes}  # type: ignore[typeddict-item]
    return request("demo", found, home=home, environ={}, progress=Saying()).request


def test_importing_the_package_costs_nothing() -> None:
    script = (
        "import sys, hpcctl; assert 'hpcctl.api' not in sys.modules\n"
        "from hpcctl import Cluster\n"
        "heavy = {'boto3', 'rich', 'click', 'fabric', 'jinja2', 'hcl2', 'hpcctl.cli', 'hpcctl.sandbox'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    with pytest.raises(AttributeError):
        _ = hpcctl.Clusters


def test_a_cluster_that_is_there(home: Path) -> None:
    demo = Cluster("demo")
    assert (demo.name, demo.spec, repr(demo)) == ("demo", SPEC, "Cluster('demo')")
    assert [each.name for each in Cluster.list()] == ["demo"]
    assert demo.state == "unreachable"
    with pytest.raises(CloudError):
        _ = demo.hosts


@pytest.mark.usefixtures("home")
def test_one_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(UnknownCluster) as error:
        Cluster("dmo")
    assert "did you mean demo" in error.value.hint


def test_a_temporary_one_takes_nobodys_place(home: Path) -> None:
    with (
        pytest.raises(StateError),
        Cluster.temporary("demo", nodes=2, type="c5.large", share=10, profile="lab"),
    ):
        raise AssertionError("it is not made")
    assert Cluster("demo").spec == SPEC


def test_what_is_stopped_runs_nothing(home: Path) -> None:
    Workspace(home=home, name="demo").save(replace(RECORD, spec=SPEC, phase=Phase.STOPPED))
    with pytest.raises(StateError) as error:
        Cluster("demo").run("hostname")
    assert "hpcctl start demo" in error.value.hint


def test_keywords_become_the_request_of_create(home: Path) -> None:
    found = wanted(home, nodes=3, type="c5.large", share=10, tags={"a": "b"}, zone="us-east-1b")
    assert found.spec.nodes == 3
    assert found.spec.head.instance_type == "c5.large"
    assert (found.spec.share.gib, found.spec.tags, found.spec.zones) == (10, (("a", "b"),), ("us-east-1b",))
    assert found.cloud.profile == "lab"


def test_a_file_and_words_over_it(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "wing.hcl"
    file.write_text(
        'variable "size" {}\ncluster {\n  region = "eu-west-1"\n  head {\n    type = "c5.large"\n  }\n'
        '  compute "gpu" {\n    count = 2\n  }\n  storage {\n    share {\n      size = var.size\n    }\n  }\n}\n'
    )
    found = wanted(home, file=file, settings={"size": "40"}, type="c6i.large")
    assert (found.spec.share.gib, found.spec.head.instance_type, found.spec.nodes) == (40, "c6i.large", 3)
    assert found.cloud.region == "eu-west-1"


def test_all_mistakes_are_told_at_once(home: Path) -> None:
    with pytest.raises(SpecError) as error:
        wanted(home, nodes=0, type="big", share=1)
    assert {problem.where for problem in error.value.problems} == {"NODES", "TYPE", "SHARE_GB"}


def test_words_that_are_missing_or_unknown(home: Path) -> None:
    with pytest.raises(UsageError, match="missing: type, share"):
        wanted(home, nodes=2)
    with pytest.raises(TypeError, match="'typ'; did you mean type"):
        wanted(home, nodes=2, typ="c5.large", share=10)


def test_what_happens_is_told_in_lines() -> None:
    told: list[str] = []
    saying = Saying(told.append)
    with saying.phase("preflight"):
        saying.detail("too much")
        saying.note("a note")
        saying.warn("careful")
    assert told == ["preflight", "a note", "warning: careful"]
    with Saying().phase("nobody listens"):
        pass


def test_the_paper_names_every_keyword_and_method() -> None:
    text = PAPER.read_text(encoding="utf-8")
    words = set(re.findall(r"[a-z_]+", text))
    public = {name for name in vars(Cluster) if not name.startswith("_")}
    assert (public | set(Wishes.__annotations__)) - words == set()
