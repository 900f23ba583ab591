"""Hostile words thrown at everything that takes them: refused, or carried literally to where they are used."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import hcl2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hpcctl.errors import HpcctlError, SpecError
from hpcctl.home import home_folder
from hpcctl.render import render_cluster
from hpcctl.spec.arguments import Arguments, spec_from
from hpcctl.spec.model import ClusterSpec, Role
from hpcctl.sshconfig import login_to, ssh_config
from hpcctl.steps.model import On, Put, Run, Stage, Step
from hpcctl.steps.script import script_for
from hpcctl.templating import quote_hcl, quote_shell, render_template
from tests.unit.records import RECORD
from tests.unit.steps.test_script import OWNER
from tests.unit.terraform_requests import AWS, ELSEWHERE, PUBLIC_KEY, cluster_request

FEW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
MANY = settings(FEW, max_examples=300)

_METACHARACTERS = "'\"`$(){}[]%\\;&|<>*?~#!=:,.-_/@ \t\n\r\x0b\x85\u2028"
_WORDS = (
    "$(id)",
    "${path.root}",
    "%{ for x in y }",
    "`id`",
    "'; id #",
    "EOF",
    "KEY",
    "KEYS",
    "\\",
    "-o",
    "..",
    "é",
    "💥",
)
NO_SURROGATES = st.characters(exclude_categories=("Cs",), exclude_characters="\x00")
HOSTILE = st.lists(
    st.one_of(st.sampled_from(_METACHARACTERS), st.sampled_from(_WORDS), st.text(NO_SURROGATES, max_size=3)),
    min_size=1,
    max_size=6,
).map("".join)

GOOD = Arguments(name="demo", nodes="2", instance_type="c5.xlarge", share_gib="50")
FIELDS = ("name", "nodes", "instance_type", "share_gib", "user", "zone", "image", "public_key", "ssh_from")
_PLAIN = {
    "name": r"[a-z][a-z0-9-]*",
    "instance_types": r"[a-z0-9.-]+",
    "user": r"[a-z_][a-z0-9_-]*",
    "zones": r"[a-z0-9-]+",
    "ssh_from": r"[0-9./]+",
}
_NEARLY = ("demo", "2", "c5.xlarge", "ami-0123456789abcdef0", "us-east-1a", "10.0.0.0/8", f"{PUBLIC_KEY} me")


def accepted(**typed: object) -> ClusterSpec | None:
    """The spec, or None where the words were refused as they should be: all at once, with places and hints."""
    try:
        return spec_from(replace(GOOD, **typed))  # type: ignore[arg-type]
    except SpecError as error:
        assert error.problems and all(problem.what for problem in error.problems)
        return None


@MANY
@given(field=st.sampled_from(FIELDS), near=st.sampled_from(("", *_NEARLY)), text=HOSTILE, first=st.booleans())
def test_words_are_refused_or_plain(field: str, near: str, text: str, first: bool) -> None:
    spec = accepted(**{field: text + near if first else near + text})
    if spec:
        for name, pattern in _PLAIN.items():
            value = getattr(spec, name)
            for word in (value,) if isinstance(value, str) else value:
                assert re.fullmatch(pattern, word, re.ASCII), (name, word)
        assert spec.image is None or re.fullmatch(r"ami-[0-9a-f]+", spec.image.value, re.ASCII)
        assert spec.public_key is None or len(spec.public_key.splitlines()) == 1


@pytest.mark.parametrize("path", ["/keys/a\nProxyCommand x", "/keys/${HOME}.pub", "/keys/\x1b[0m"])
def test_a_key_that_an_ssh_config_cannot_name_is_refused(path: str) -> None:
    assert accepted(key_file=path, public_key=PUBLIC_KEY) is None


@MANY
@given(key=HOSTILE, value=HOSTILE)
@example(key="team", value="${path.root} %{x}")
@example(key="a b", value="wing é = +1")
def test_tags_are_refused_or_arrive_as_they_were_typed(key: str, value: str) -> None:
    spec = accepted(tags=(f"{key}={value}",))
    if spec:
        ((key, value),) = spec.tags
        files = render_cluster(cluster_request(AWS, tags=spec.tags))
        assert json.loads(files["terraform.tfvars.json"])["tags"][key] == value


@FEW
@given(text=HOSTILE)
def test_no_word_reaches_the_configuration_of_terraform(text: str) -> None:
    """Even what a spec would refuse: the files are the same, and the values are JSON."""
    usual = cluster_request(AWS)
    spec = replace(usual.spec, user=text, zones=(text,), tags=(("key", text),))
    images = tuple(replace(image, image_id=text) for image in usual.facts.images)
    hostile = replace(usual, spec=spec, facts=replace(usual.facts, images=images))
    before, files = render_cluster(usual), render_cluster(hostile)
    changed = {path for path, content in files.items() if before[path] != content}
    assert changed <= {"terraform.tfvars.json"}
    assert json.loads(files["terraform.tfvars.json"])["tags"]["key"] == text


@FEW
@given(text=HOSTILE)
def test_an_endpoint_stays_one_string(text: str) -> None:
    url = f"http://127.0.0.1/{text}"
    override = render_cluster(cluster_request(replace(ELSEWHERE, endpoint_url=url)))["endpoint_override.tf"]
    (provider,) = hcl2.loads(override)["provider"]
    (endpoints,) = next(iter(provider.values()))["endpoints"]
    assert {_value(text) for name, text in endpoints.items() if not name.startswith("__")} == {url}


@MANY
@given(text=HOSTILE)
def test_a_value_in_hcl_is_one_literal(text: str) -> None:
    quoted = quote_hcl(text)
    assert _value(quoted) == text
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", quoted)
    assert "\n" not in quoted


def _value(literal: str) -> str:
    """What HCL reads in a quoted string."""
    return str(json.loads(literal)).replace("$${", "${").replace("%%{", "%{")


def _bash(script: str) -> bytes:
    done = subprocess.run(["bash", "-s"], input=script.encode(), capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


@FEW
@given(texts=st.lists(HOSTILE, min_size=1, max_size=20))
def test_a_shell_sees_quoted_words_as_they_were(texts: Sequence[str]) -> None:
    words = " ".join(quote_shell(text) for text in texts)
    assert _bash(f"printf '%s\\0' {words}").decode().split("\0")[:-1] == list(texts)


@FEW
@given(text=HOSTILE)
def test_the_first_boot_takes_its_values_literally(text: str) -> None:
    script = render_template(
        "node/user_data.sh.j2",
        name=text,
        address=text,
        user=text,
        uid=1,
        host_key=RECORD_KEY,
        authorized_keys=[],
        install="",
        proxy=None,
        serves=None,
        shell="/bin/bash",
        scripts=(),
    )
    head = script.partition("mkdir -p")[0].replace("exec >>/var/log/hpcctl-first-boot.log 2>&1", "")
    assert _bash(f'{head}\nprintf \'%s\\0\' "$name" "$address" "$user"').decode() == f"{text}\0" * 3


@FEW
@given(name=HOSTILE.filter(lambda name: "/" not in name and name not in (".", "..")), content=HOSTILE)
def test_steps_carry_paths_contents_and_commands_literally(tmp_path: Path, name: str, content: str) -> None:
    put, told = tmp_path / f"put-{name}", tmp_path / "told"
    command = f"printf %s {quote_shell(content)} >{quote_shell(told)}"
    actions = (Put(path=str(put), content=content, owner=OWNER), Run(command=command, unless="false"))
    output = _bash(
        script_for(Stage(name="s", steps=(Step(name="t", on=On.ALL, actions=actions),)), Role.HEAD)
    )
    assert output.split(b"\t")[2] == b"changed"
    assert put.read_bytes().decode().rstrip("\n") == content.rstrip("\n")
    assert told.read_bytes().decode() == content
    put.unlink()


@FEW
@given(text=HOSTILE)
@example(text='a "b" %h \\ c')
@example(text="${HOME}")
def test_openssh_reads_the_paths_that_were_written(tmp_path: Path, text: str) -> None:
    """A home that an ssh config could not name is refused before anything is made."""
    if not shutil.which("ssh"):
        pytest.skip("no ssh on this machine")
    try:
        home = home_folder({"HPCCTL_HOME": f"/home/{text}"})
    except HpcctlError as error:
        assert error.hint
        return
    login = login_to(RECORD, identity=f"{home}/id", known_hosts=f"{home}/known")
    assert login
    config = tmp_path / "config"
    config.write_text(ssh_config([login]), encoding="utf-8")
    done = subprocess.run(["ssh", "-G", "-F", str(config), "demo"], capture_output=True, check=True)
    options = dict(line.split(" ", 1) for line in done.stdout.decode().splitlines() if " " in line)
    assert options["user"] == "hpc"
    assert options["identityfile"].replace("%%", "%") == f"{home}/id"
    assert options["userknownhostsfile"].replace("%%", "%") == f"{home}/known"


class _Key:
    """A host key, as far as the template looks at it."""

    private = base64.b64encode(b"private").decode()
    public = PUBLIC_KEY


RECORD_KEY = _Key()
