"""Accounts for others than the login user: on every node the same ids, a home on /share, keys of their own.

Configuring adds and never takes away: a record that was written again from the account (``recover``) knows no keys.
What the head no longer lets in (``whole``) loses its keys everywhere; account and home stay.
"""

from __future__ import annotations

from hpcctl.spec.model import LOGIN_UID
from hpcctl.steps.model import On, Run, Step
from hpcctl.steps.view import ClusterView
from hpcctl.templating import render_template

FIRST_UID = LOGIN_UID + 1


def on_head(view: ClusterView, *, whole: bool = False) -> Step:
    """The head: the register, the homes, the keys. ``whole``: nobody else keeps any. Runs after /home is mounted."""
    head = render_template("steps/accounts_head.sh.j2", whole=whole, first=FIRST_UID, cluster=view.name)
    return _step(view, On.HEAD, head)


def on_nodes(view: ClusterView) -> Step:
    """The compute nodes, when the head is done: what it has on /share is what they do."""
    return _step(view, On.COMPUTE, render_template("steps/accounts_nodes.sh.j2"))


def _step(view: ClusterView, on: On, script: str) -> Step:
    common = render_template("steps/accounts.sh.j2", people=view.accounts, login=view.user, shell=view.shell)
    words = f"{common}\n{script}\n"
    return Step(
        name="accounts",
        on=on,
        actions=(Run(command=f"{words}settle", unless=f"{words}settled"),),
        hint="`getent passwd` and /share/.hpcctl/accounts on the node tell who is there",
    )
