"""The one Jinja environment. A name that is missing is an error, never an empty string."""

from __future__ import annotations

import json
import shlex
from functools import lru_cache
from typing import TYPE_CHECKING

from hpcctl.resources import data_folder

if TYPE_CHECKING:
    from jinja2 import Environment


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(data_folder("templates")),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # the output is shell, HCL and ssh config, quoted by the filters below
    )
    environment.filters["sh"] = quote_shell
    environment.filters["hcl"] = quote_hcl
    return environment


def render_template(name: str, /, **values: object) -> str:
    """The text of ``templates/<name>`` with the values put in."""
    return _environment().get_template(name).render(**values)


def quote_shell(value: object) -> str:
    """One shell word, whatever the value holds."""
    return shlex.quote(str(value))


def quote_hcl(value: object) -> str:
    """One HCL string literal: JSON's escapes, and no template can start in it."""
    return json.dumps(str(value), ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
