"""StarCluster's configurations against the cluster files that they become, and what holds for any of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcctl.errors import ConfigError
from hpcctl.spec.document.loading import open_document
from hpcctl.spec.schema.checking import check
from hpcctl.spec.schema.cluster import CLUSTER
from hpcctl.starcluster.reading import read_config
from hpcctl.starcluster.writing import cluster_file

CASES = Path(__file__).parents[2] / "cases" / "starcluster"
THERE = {"~/.ssh/here.rsa.pub", "/scripts/there.sh"}


def translation(files: dict[str, str], *, template: str | None = None) -> str:
    def read(path: str) -> str:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory")
        return files[path]

    config = read_config("config", read)
    return cluster_file(
        config, source="config", template=template, find=lambda path: path if path in THERE else None
    )


def of(text: str, template: str | None = None) -> str:
    return translation({"config": text}, template=template)


@pytest.mark.parametrize("case", sorted(CASES.glob("*.ini")), ids=lambda path: path.stem)
def test_a_configuration_becomes_the_golden_file(case: Path) -> None:
    golden = case.with_suffix(".hcl")
    text = of(case.read_text(encoding="utf-8"))
    if os.environ.get("HPCCTL_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_secret_gets_out() -> None:
    text = of((CASES / "everything.ini").read_text(encoding="utf-8"))
    assert "AKIA" not in text
    assert "SECRET" not in text.replace("AWS_SECRET", "")


def test_nothing_is_dropped_silently() -> None:
    """Every name and every value of the file is found in the result, in a comment at least."""
    source = (CASES / "everything.ini").read_text(encoding="utf-8")
    text = " ".join(of(source).replace("#", " ").split())
    words = (
        "refresh_interval chromium proxy.example.org spare elsewhere.rsa ada tcsh DNS_PREFIX ami-0330d16a c1.xlarge"
        " vol-c9999999 vol-c8888888 vol-c99999 vol-d7777777 /mydata /opt/ocean /dev/sdj www ftp 8000-9000 18.0.0.0/8"
        " gone.sh myplug1.SetupClass MYPLUG1_ARG_ONE NUM_USERS mongodb runs_jobs ipcluster vtype nobody COLOUR blue"
        " many nokey"
    )
    lost = [word for word in words.split() if word.lower() not in text.lower()]
    assert lost == []


def test_a_template_alone_brings_what_it_extends() -> None:
    source = (CASES / "everything.ini").read_text(encoding="utf-8")
    text = of(source, "largecluster")
    assert [line for line in text.splitlines() if line.startswith("cluster")] == [
        'cluster "smallcluster" {',
        'cluster "mediumcluster" {',
        'cluster "largecluster" {',
    ]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[cluster a]\nEXTENDS = b\n[cluster b]\nEXTENDS = a\n", "a -> b -> a", "EXTENDS"),
        ("[cluster a]\nEXTENDS = bb\n[cluster b]\n", "there is no [cluster bb]", ""),
        ("[cluster a]\nnonsense\n", "config:2: not of the form SETTING = VALUE", "#"),
        ("A = 1\n", "config:1: a setting stands before the first [section]", "StarCluster"),
        ("[global]\nINCLUDE = more\n[cluster a]\n", "INCLUDE of config names it", "INCLUDE in config"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as error:
        of(text)
    assert message in error.value.message
    assert hint in error.value.hint


def test_a_key_without_its_equals_sign_is_not_told() -> None:
    with pytest.raises(ConfigError) as error:
        of("[aws info]\nAWS_SECRET_ACCESS_KEY wJalrXUtnFEMI\n")
    assert "config:2" in error.value.message
    assert "wJalr" not in error.value.message + error.value.hint


def test_a_template_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as error:
        of("[cluster small]\nCLUSTER_SIZE = 1\n", "smal")
    assert error.value.hint == "did you mean small?"


def test_included_files_are_read_and_those_of_the_web_named() -> None:
    text = translation(
        {
            "config": "[global]\nINCLUDE = ~/vols, https://user:word@example.org/c\n[cluster a]\nVOLUMES = v\n",
            "~/vols": "[volume v]\nVOLUME_ID = vol-12345678\nMOUNT_PATH = /v\n",
        }
    )
    assert 'id = "vol-12345678"' in text
    assert "INCLUDE https://example.org/c: not read" in text


_SETTING = st.sampled_from(
    [
        *(
            "extends",
            "keyname",
            "cluster_size",
            "cluster_user",
            "cluster_shell",
            "node_instance_type",
            "spot_bid",
        ),
        *(
            "node_image_id",
            "volumes",
            "permissions",
            "plugins",
            "subnet_id",
            "from_port",
            "to_port",
            "cidr_ip",
        ),
        *("volume_id", "mount_path", "setup_class", "key_location"),
    ]
)
_VALUE = st.one_of(
    st.text(max_size=20).map(lambda text: " ".join(text.split())),
    st.sampled_from(
        ("a", "b", "3", "-1", "c1.xlarge:8, m1.small", "${x}", '"', "%{if}", "/home", "1e9", "nan")
    ),
)
_SECTION = st.tuples(
    st.sampled_from(
        ("cluster a", "cluster b", "volume a", "permission a", "plugin a", "key a", "global", "odd x")
    ),
    st.lists(st.tuples(_SETTING, _VALUE), max_size=6),
)


@settings(deadline=None)
@given(st.lists(_SECTION, max_size=6))
def test_any_configuration_becomes_hcl_or_an_error(sections: list[tuple[str, list[tuple[str, str]]]]) -> None:
    import hcl2

    bodies = ("".join(f"{name} = {value}\n" for name, value in lines) for _, lines in sections)
    titles = (title for title, _ in sections)
    source = "".join(f"[{title}]\n{body}" for title, body in zip(titles, bodies, strict=True))
    try:
        text = of(source)
    except ConfigError:
        return
    hcl2.loads(text)


@pytest.mark.parametrize("case", sorted(CASES.glob("*.hcl")), ids=lambda path: path.stem)
def test_the_golden_files_are_good_cluster_files(case: Path) -> None:
    """Every template of theirs; one whose size StarCluster itself would not have understood excepted."""
    document = open_document(
        case, settings={}, environ={}, read=lambda path: path.read_text(encoding="utf-8")
    )
    assert document.problems == ()
    for label in document.labels:
        assert check(document.template(label), CLUSTER) == ()
