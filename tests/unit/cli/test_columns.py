"""Tables in pipes and on narrow terminals."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hpcctl.cli.columns import lines

ROWS = (
    ("CHECK", "RESULT", "WHAT TO DO"),
    ("ssh config", "problem", "put the line Include ~/.hpcctl/ssh_config at the top of your ~/.ssh/config"),
)


def test_a_pipe_gets_a_line_for_each_row() -> None:
    assert list(lines(ROWS, width=None)) == [
        "CHECK       RESULT   WHAT TO DO",
        "ssh config  problem  put the line Include ~/.hpcctl/ssh_config at the top of your ~/.ssh/config",
    ]


def test_a_narrow_terminal_gets_words_folded_in_their_column() -> None:
    assert list(lines(ROWS, width=60)) == [
        "CHECK       RESULT   WHAT TO DO",
        "ssh config  problem  put the line Include",
        "                     ~/.hpcctl/ssh_config at the top of your",
        "                     ~/.ssh/config",
    ]


def test_what_cannot_be_folded_stays_as_it_is() -> None:
    rows = (("A", "B"), ("i-0123456789abcdef0", "10.71.100.100"))
    assert list(lines(rows, width=20)) == list(lines(rows, width=None))


_CELL = st.text(alphabet="ab -.", max_size=60).map(lambda text: " ".join(text.split()))


@given(st.lists(st.tuples(_CELL, _CELL, _CELL), min_size=1, max_size=5), st.integers(10, 120))
def test_nothing_is_lost_and_a_fitting_table_is_not_touched(
    rows: list[tuple[str, str, str]], width: int
) -> None:
    plain, folded = list(lines(rows, width=None)), list(lines(rows, width=width))
    assert "".join(sorted("".join(plain).replace(" ", ""))) == "".join(
        sorted("".join(folded).replace(" ", ""))
    )
    if max(map(len, plain)) <= width:
        assert folded == plain
