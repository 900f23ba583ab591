"""Whoever finds fault with a field: it is told at the word, the option or the line that said it."""

from __future__ import annotations

from hpcctl.errors import Problem
from hpcctl.spec.arguments import Arguments, built_from
from hpcctl.spec.building import Built
from hpcctl.spec.document.loading import open_document
from hpcctl.spec.places import in_order, told

FILE = """cluster {
  zones = ["us-east-1a", "us-east-1b"]
  head {
    type = "c5.xlarge"
  }
  compute "gpu" {
    type  = "p3.2xlarge"
    count = 2
  }
  storage {
    share { size = 50 }
    volume "data" {
      mount = "/data"
      id    = "vol-0123456789abcdef0"
    }
  }
  network {
    subnet          = "subnet-0123456789abcdef0"
    security_groups = ["sg-0123456789abcdef0", "sg-0123456789abcdef1"]
  }
}
"""


def of_words(**more: str) -> Built:
    words = Arguments(name="demo", nodes="4", instance_type="c5.xlarge", share_gib="50", **more)  # type: ignore[arg-type]
    return built_from(words, read=lambda _: "")


def of_file(**words: str) -> Built:
    document = open_document("c.hcl", settings={}, environ={}, read=lambda _: FILE)
    arguments = Arguments(name="demo", **words)  # type: ignore[arg-type]
    return built_from(arguments, read=lambda _: "", below=document.template(""))


def where(built: Built, *paths: str) -> list[str]:
    return [one.where for one in told([Problem(where=path, what="no") for path in paths], built.places)]


def test_words_and_options() -> None:
    built = of_words(zone="us-east-1a")
    paths = ("name", "compute.node.count", "compute.node.type", "storage.share.size", "zone", "user")
    assert where(built, *paths) == ["NAME", "NODES", "TYPE", "SHARE_GB", "--zone", "user"]


def test_one_word_for_several_fields_is_told_once() -> None:
    assert where(of_words(), "head.type", "compute.node.type") == ["TYPE"]


def test_lines_of_a_file() -> None:
    paths = ("compute.gpu.type", "zone", "zones.us-east-1b", "storage.volume.data.id", "network.subnet")
    lines = ["c.hcl:7:13", "c.hcl:2:11", "c.hcl:2:26", "c.hcl:14:15", "c.hcl:18:23"]
    assert where(of_file(), *paths) == lines
    assert where(of_file(), "network.security_groups.sg-0123456789abcdef1") == ["c.hcl:19:48"]


def test_what_was_not_said_is_told_at_its_block() -> None:
    assert where(of_file(), "compute.gpu.efa", "storage.share.snapshot") == ["c.hcl:6:3", "c.hcl:11:5"]
    assert where(of_file(), "image", "credentials") == ["image", "credentials"]


def test_the_command_line_wins_and_is_told_first() -> None:
    built = of_file(instance_type="c5.large", zone="us-east-1c")
    found = told(
        [Problem(where=path, what="no") for path in ("compute.gpu.count", "zone", "head.type")], built.places
    )
    assert [one.where for one in in_order(found)] == ["TYPE", "--zone", "c.hcl:8:13"]


def test_a_problem_that_has_a_place_keeps_it() -> None:
    built = of_file()
    once = told([Problem(where="zone", what="no", hint="yes")], built.places)
    assert told(once, built.places) == once
    assert once[0].excerpt
    assert once[0].hint == "yes"
