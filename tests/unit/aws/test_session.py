"""What AWS, or whoever sits in between, answers, in our words."""

from __future__ import annotations

import pytest
from botocore.parsers import ResponseParserError

from hpcctl.aws.session import explained
from hpcctl.errors import CloudError
from tests.unit.records import CLOUD


def test_an_answer_that_nobody_can_read_is_not_quoted() -> None:
    with pytest.raises(CloudError) as caught, explained(CLOUD, "describe the instances"):
        raise ResponseParserError(f"Unable to parse response: {'<html>' * 1000}")
    assert caught.value.message == (
        "cannot describe the instances: the answer of http://127.0.0.1:1 cannot be read"
    )
    assert "proxy" in caught.value.hint
