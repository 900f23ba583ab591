"""From steps to one bash script for a host. The only place where a step's values are quoted for a shell."""

from __future__ import annotations

import hashlib

from hpcctl.spec.model import Role
from hpcctl.steps.model import Action, On, Put, Run, Stage, Step, WaitFor, WhenChanged
from hpcctl.templating import quote_shell, render_template


def script_for(stage: Stage, role: Role) -> str:
    """The script of one stage for hosts of this role; empty if there is nothing to do for them."""
    steps = [step for step in stage.steps if _runs_on(step, role)]
    if not steps:
        return ""
    return "\n".join([render_template("steps/lib.sh"), *(_step(step) for step in steps)])


def own_scripts(stage: Stage) -> dict[str, str]:
    """What single hosts run after the script of their role: {host: text}."""
    found: dict[str, str] = {}
    for own in stage.own:
        found[own.host] = found.get(own.host, "") + "\n" + _step(own.step)
    return found


def _runs_on(step: Step, role: Role) -> bool:
    return step.on is On.ALL or step.on.value == role.value


def _step(step: Step) -> str:
    return "\n".join(
        [f"begin {quote_shell(step.name)}", *(_action(action) for action in step.actions), "end\n"]
    )


def _action(action: Action) -> str:
    match action:
        case Put():
            return _put(action)
        case Run():
            return f"run {quote_shell(action.command)} {quote_shell(action.unless)}"
        case WhenChanged():
            return f"when_changed {quote_shell(action.command)}"
        case WaitFor():
            return f"wait_for {quote_shell(action.condition)} {action.seconds:d} {quote_shell(action.hint)}"


def _put(put: Put) -> str:
    content = put.content if put.content.endswith("\n") else f"{put.content}\n"
    # A here-document is taken literally; its end mark is a hash of the content, so no line can be the mark.
    mark = f"END_{hashlib.sha256(content.encode()).hexdigest()[:16]}"
    words = " ".join(quote_shell(word) for word in (put.path, put.mode, put.owner))
    return f"put {words} <<'{mark}'\n{content}{mark}"
