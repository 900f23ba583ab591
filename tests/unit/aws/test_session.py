"""What AWS, or whoever sits in between, answers, in our words."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.parsers import ResponseParserError

from hpcctl.aws.roles import session_name
from hpcctl.aws.session import explained, sts
from hpcctl.errors import CloudError, CredentialsError
from hpcctl.spec.model import Cloud
from tests.unit.records import CLOUD


def test_an_answer_that_nobody_can_read_is_not_quoted() -> None:
    with pytest.raises(CloudError) as caught, explained(CLOUD, "describe the instances"):
        raise ResponseParserError(f"Unable to parse response: {'<html>' * 1000}")
    assert caught.value.message == (
        "cannot describe the instances: the answer of http://127.0.0.1:1 cannot be read"
    )
    assert "proxy" in caught.value.hint


def test_a_role_without_credentials_to_assume_it_says_how_to_log_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    role = Cloud(profile="role", region="us-east-1", role_arn="arn:aws:iam::123456789012:role/hpc")
    with pytest.raises(CredentialsError, match="no AWS credentials") as caught:
        sts(role)
    assert "aws configure" in caught.value.hint


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("alice", "hpcctl-alice"),
        ("Ana María", "hpcctl-Ana-Mar-a"),
        ("", "hpcctl-"),
        ("x" * 99, f"hpcctl-{'x' * 57}"),
    ],
)
def test_the_session_of_a_role_is_called_after_its_owner(owner: str, name: str) -> None:
    assert session_name(owner) == name
