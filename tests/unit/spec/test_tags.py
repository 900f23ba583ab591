"""The tags alone tell what no resource shows."""

from dataclasses import replace

import pytest

from hpcctl.spec.tags import Wishes, cluster_tags, read_wishes
from tests.specs import sized
from tests.unit.records import SPEC


def tags_for(nodes: int = 2, **chosen: object) -> dict[str, str]:
    spec = replace(sized(SPEC, nodes), **chosen)  # type: ignore[arg-type]
    return cluster_tags(spec, cluster_id="0a1b2c3d", created="2026-01-02T03:04:05+00:00", owner="me")


def test_the_words_of_an_earlier_hpcctl_are_understood() -> None:
    assert read_wishes("nodes=7 user=ada asked=zone+ssh-from") == Wishes(
        nodes=7, user="ada", asked=frozenset({"zones", "ssh_from"})
    )
    assert read_wishes("nodes=2 user=hpc") == Wishes(nodes=2)


@pytest.mark.parametrize("text", ["", "nodes= user=", "nodes=² asked=moon", "nonsense", "nodes=-3"])
def test_a_text_that_says_nothing_is_no_error(text: str) -> None:
    assert read_wishes(text) == Wishes()


def test_no_tag_of_the_user_wins_over_ours() -> None:
    assert tags_for(tags=(("hpcctl:id", "ffffffff"), ("project", "wing")))["hpcctl:id"] == "0a1b2c3d"
