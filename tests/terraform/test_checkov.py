"""checkov on everything that is rendered: no finding that is not skipped in place, with a reason."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hpcctl.render import render_base, render_cluster, render_state_bucket
from hpcctl.resources import data_folder
from tests.terraform.conftest import put
from tests.unit.terraform_requests import AWS, base_request, cluster_request

pytestmark = pytest.mark.terraform
ROOT = Path(__file__).parents[2]
CHECKOV = Path(os.environ.get("HPCCTL_CHECKOV", ROOT / ".checkov/bin/checkov"))
TOKENS = re.compile(r"^ *http_tokens .*\n", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The checks of one rendered root: names and files of those that failed, reasons of the skipped."""

    passed: int
    failed: tuple[str, ...]
    reasons: tuple[str, ...]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """base, bucket of shared clusters, cluster, and a cluster whose metadata needs no token, by one run."""
    folder = tmp_path_factory.mktemp("checkov")
    roots = {
        "base": render_base(base_request(AWS)),
        "state": render_state_bucket(AWS, "123456789012", bucket_exists=False),
        "cluster": render_cluster(cluster_request(AWS)),
        "worse": {name: TOKENS.sub("", text) for name, text in render_cluster(cluster_request(AWS)).items()},
    }
    for name, files in roots.items():
        put(folder / name, files)
    results = _checked(folder)
    return {name: _of(results, f"/{name}/") for name in roots}


def _checked(folder: Path) -> dict[str, Any]:
    assert CHECKOV.exists(), f"{CHECKOV} is missing: run `make checkov`, which installs it"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = ["--framework", "terraform", "--output", "json", "--skip-download"]
    done = subprocess.run(
        [str(CHECKOV), "--directory", str(folder), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "LOG_LEVEL": "ERROR"},
    )
    try:
        return dict(json.loads(done.stdout)["results"])
    except (ValueError, KeyError, TypeError) as error:
        raise AssertionError(f"checkov ended with {done.returncode}: {done.stdout}{done.stderr}") from error


def _of(results: dict[str, Any], prefix: str) -> Found:
    def of(kind: str) -> list[dict[str, Any]]:
        return [check for check in results[kind] if check["file_path"].startswith(prefix)]

    return Found(
        passed=len(of("passed_checks")),
        failed=tuple(f"{check['check_id']} {check['resource']}" for check in of("failed_checks")),
        reasons=tuple(check["check_result"]["suppress_comment"] for check in of("skipped_checks")),
    )


@pytest.mark.parametrize("root", ["base", "state", "cluster"])
def test_no_check_fails_that_is_not_skipped_with_a_reason(found: dict[str, Found], root: str) -> None:
    assert found[root].failed == ()
    assert found[root].passed > 10
    assert all(len(reason.split()) > 4 for reason in found[root].reasons)


def test_metadata_without_a_token_is_found(found: dict[str, Found]) -> None:
    assert any(failed.startswith("CKV_AWS_79 ") for failed in found["worse"].failed)


def test_every_skip_in_a_module_is_understood(found: dict[str, Found]) -> None:
    """One that is spelled wrong would be a comment and nothing else."""
    modules = data_folder("terraform") / "modules"
    written = [re.findall(r"checkov:skip=\w+:(.+)", path.read_text()) for path in modules.glob("*/main.tf")]
    used = {reason for root in found.values() for reason in root.reasons}
    assert {reason for reasons in written for reason in reasons} == used
