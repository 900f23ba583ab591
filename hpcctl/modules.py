"""A rendered root against its modules, before Terraform starts: every argument known, every required one given.

Terraform would find the same mistakes, ten seconds later and one at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hpcctl.errors import RenderError

# What Terraform, and not the module, takes from the block. The parser's own entries begin with two underscores.
_META = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})
_VARIABLE = re.compile(r"\bvar\.(\w+)")
_OUTPUT = re.compile(r"\bmodule\.(\w+)\.(\w+)")
_VALUES_FILE = "terraform.tfvars.json"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What a module takes and gives."""

    variables: frozenset[str]
    required: frozenset[str]
    outputs: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One ``module`` block."""

    name: str
    folder: str
    arguments: frozenset[str]


def check_root(files: Mapping[str, str]) -> None:
    """Raise RenderError with everything in ``files`` (relative path: text) that does not fit together."""
    problems = list(_problems(files))
    if problems:
        raise RenderError(
            "the Terraform folder does not fit its modules: " + "; ".join(problems),
            hint="This is a mistake in hpcctl's templates or modules, not in your request. Please report it.",
        )


def parses(text: str) -> bool:
    """Is it HCL, and whole? What is cut off between two blocks cannot be told from what is whole."""
    try:
        return bool(_parsed(text, ""))
    except RenderError:
        return False


def _problems(files: Mapping[str, str]) -> Iterator[str]:
    root = _signature(files, "")
    calls = _calls(files)
    modules = {call.name: _signature(files, call.folder) for call in calls}
    for call in calls:
        where = f"module {call.name}"
        yield from _misfits(where, call.arguments, modules[call.name])
    yield from _misfits(_VALUES_FILE, frozenset(json.loads(files[_VALUES_FILE])), root)
    yield from _dangling(_root_text(files), root, modules)


def _misfits(where: str, given: frozenset[str], wanted: Signature) -> Iterator[str]:
    for name in sorted(given - wanted.variables):
        yield f"{where} has no variable {name}"
    for name in sorted(wanted.required - given):
        yield f"{where} needs {name}"


def _dangling(text: str, root: Signature, modules: Mapping[str, Signature]) -> Iterator[str]:
    """References from the root to variables and outputs that nobody declares (resources: ``import``)."""
    for name in sorted(set(_VARIABLE.findall(text)) - root.variables):
        yield f"variable {name} is not declared"
    for module, output in sorted(set(_OUTPUT.findall(text))):
        if module not in modules:
            yield f"there is no module {module}"
        elif output not in modules[module].outputs and not output.startswith("aws_"):
            yield f"module {module} has no output {output}"


def _calls(files: Mapping[str, str]) -> tuple[Call, ...]:
    blocks = _blocks(files["main.tf"], "main.tf", "module")
    return tuple(
        Call(
            name=name,
            folder=block["source"].removeprefix("./") + "/",
            arguments=frozenset(name for name in block if not name.startswith("__")) - _META,
        )
        for name, block in blocks.items()
    )


def _signature(files: Mapping[str, str], folder: str) -> Signature:
    variables = _blocks_of(files, f"{folder}variables.tf", "variable")
    outputs = _blocks_of(files, f"{folder}outputs.tf", "output")
    return Signature(
        variables=frozenset(variables),
        required=frozenset(name for name, block in variables.items() if "default" not in block),
        outputs=frozenset(outputs),
    )


def _root_text(files: Mapping[str, str]) -> str:
    return "\n".join(text for path, text in files.items() if path.endswith(".tf") and "/" not in path)


def _blocks_of(files: Mapping[str, str], path: str, kind: str) -> dict[str, Any]:
    if path not in files:
        raise RenderError(f"the Terraform folder has no {path}")
    return _blocks(files[path], path, kind)


def _blocks(text: str, path: str, kind: str) -> dict[str, Any]:
    """The blocks of one kind by their label."""
    return {label: block for blocks in _parsed(text, path).get(kind, []) for label, block in blocks.items()}


def _parsed(text: str, path: str) -> dict[str, Any]:
    import hcl2
    from lark.exceptions import LarkError

    options = hcl2.SerializationOptions(strip_string_quotes=True)
    try:
        parsed: dict[str, Any] = hcl2.loads(text, serialization_options=options)
    except LarkError as error:
        raise RenderError(f"{path} is not valid HCL: {error}") from error
    return parsed
