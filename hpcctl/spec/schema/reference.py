"""The blocks and fields of a cluster file as a paper, from the records that the validator reads."""

from __future__ import annotations

from collections.abc import Iterator

from hpcctl.spec.schema.cluster import CLUSTER
from hpcctl.spec.schema.model import Block, Field, Scalar, Shape

BEGIN, END = "<!-- fields: make reference writes what follows -->", "<!-- fields: end -->"


def with_fields(page: str) -> str:
    """A page with everything between its two marks written anew. ValueError if it has no marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no marks: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{fields_as_markdown()}\n{END}{after}"


def fields_as_markdown() -> str:
    """Every block with its fields, the outer ones first."""
    return "\n".join(line for block, path in _blocks(CLUSTER, "") for line in _section(block, path))


def _blocks(block: Block, path: str) -> Iterator[tuple[Block, str]]:
    yield block, path
    for inner in block.blocks:
        yield from _blocks(inner, f"{path} {block.name}".strip())


def _section(block: Block, path: str) -> Iterator[str]:
    label = ""
    if block.label:
        label = f' "{block.example}"' if not block.label_optional else ' ["NAME"]'
    yield f"### {f'{path} ' if path else ''}{block.name}".replace("cluster ", "")
    yield ""
    yield f"`{block.name}{label} {{ … }}`{_where(path)}. {block.help}{_rules(block)}"
    yield ""
    if block.fields:
        yield "| field | what | kind | without it |"
        yield "|---|---|---|---|"
        yield from (_row(field) for field in block.fields)
        yield ""


def _where(path: str) -> str:
    inner = path.removeprefix("cluster").strip()
    return f" in `{inner}`" if inner else (" in `cluster`" if path else "")


def _rules(block: Block) -> str:
    rules = [
        *(["It must be there."] if block.required else ()),
        *(["Experimental."] if block.experimental else ()),
        *([f"The name: {block.label.expected}."] if block.label and not block.reserved else ()),
        *(["Refused until it exists."] if block.reserved else ()),
    ]
    return "".join(f" {rule}" for rule in rules)


def _row(field: Field) -> str:
    cells = (f"`{field.name}`", f"{field.help}{_experimental(field)}", _kind(field), _otherwise(field))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _experimental(field: Field) -> str:
    values = ", ".join(f"`{_in_hcl(value)}`" for value in field.experimental)
    return f" Experimental: {values}." if values else ""


def _kind(field: Field) -> str:
    name = field.kind.name
    if field.kind.choices:
        name = " or ".join(f"`{_in_hcl(choice)}`" for choice in field.kind.choices)
    several = {
        Shape.ONE: name,
        Shape.LIST: f"list of: {name}",
        Shape.ONE_OR_LIST: f"{name}, or a list",
        Shape.MAP: "names and texts",
    }
    return f"{several[field.shape]}; `{field.name} = {field.example}`"


def _otherwise(field: Field) -> str:
    if field.required:
        return "required"
    if field.otherwise:
        return field.otherwise
    return f"`{_in_hcl(field.default)}`" if field.default is not None else ""


def _in_hcl(value: Scalar | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)
