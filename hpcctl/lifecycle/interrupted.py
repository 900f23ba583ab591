"""What a Ctrl-C has left: told in the words of the verb that it stopped."""

from __future__ import annotations

from hpcctl.errors import HpcctlError, Interrupted
from hpcctl.state import Phase
from hpcctl.workspace import Workspace

_LEFT = {
    Phase.CREATING: (
        "{name} is unfinished",
        "the same `hpcctl create` goes on; `hpcctl terminate {name}` takes away what is there, which may cost money",
    ),
    Phase.STOPPING: (
        "{name} is half stopped",
        "`hpcctl stop {name}` goes on, `hpcctl start {name}` brings it back, `hpcctl terminate {name}` takes it away",
    ),
    Phase.STARTING: (
        "{name} is half started",
        "`hpcctl start {name}` goes on, `hpcctl stop {name}` stops it again, `hpcctl terminate {name}` takes it away",
    ),
    Phase.TERMINATING: (
        "{name} is half terminated",
        "`hpcctl terminate {name}` goes on; what is left may cost money",
    ),
}
_WITHOUT_RECORD = {"create": "nothing of {name} was made", "terminate": "nothing is left of {name}"}


def interrupted(workspace: Workspace, verb: str, *, cause: BaseException) -> Interrupted:
    """The error of a stopped verb: what is left, which command goes on, which takes away."""
    name = workspace.name
    begun = f"`hpcctl {verb}` was stopped"
    other = workspace.busy()
    if other:
        return Interrupted(
            f"{begun}; nothing was changed by it", hint=f"{name} is still in use by {other}, which goes on"
        )
    try:
        phase = workspace.load().phase
    except HpcctlError:
        if isinstance(cause, Interrupted):  # it happened before there was a cluster, and knows more
            return cause
        words = _WITHOUT_RECORD.get(verb)
        if words:
            return Interrupted(f"{begun}: {words.format(name=name)}")
        return Interrupted(begun, hint=f"`hpcctl {verb} {name}` begins again")
    if phase in _LEFT:
        message, hint = (text.format(name=name) for text in _LEFT[phase])
        return Interrupted(f"{begun}: {message}", hint=hint)
    return Interrupted(
        f"{begun}; {name} is {phase.value}, as before", hint=f"`hpcctl {verb} {name}` begins again"
    )
