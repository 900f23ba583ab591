"""Lengths of time as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcctl.spec.durations import seconds, words


@pytest.mark.parametrize(
    ("text", "length"), [("90s", 90), ("30m", 1800), ("12h", 43200), ("2d", 172800), ("1d12h", 129600)]
)
def test_units(text: str, length: int) -> None:
    assert seconds(text) == length
    assert seconds(words(length)) == length


@pytest.mark.parametrize("text", ["", "12", "h", "0h", "1.5h", "12h1d", "1h1h", "-1h", "soon", "1h 2m"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="such as 90m, 12h"):
        seconds(text)


@given(st.integers(min_value=1, max_value=10**9))
def test_words_can_be_read_again(length: int) -> None:
    assert seconds(words(length)) == length
