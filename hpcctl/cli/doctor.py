"""``hpcctl doctor``"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from hpcctl.cli import console
from hpcctl.cli.session import Session, profile_option, ssh_folder
from hpcctl.cli.several import chosen, is_one, side_by_side, tell_failures
from hpcctl.cli.words import ClusterWord
from hpcctl.errors import ExitCode, HpcctlError, UsageError

if TYPE_CHECKING:
    from hpcctl.cli.progress import Recorder
    from hpcctl.diagnosis.model import Check, Checked
    from hpcctl.lifecycle.context import Context
    from hpcctl.lifecycle.orphans import Orphan, Orphans
    from hpcctl.spec.model import Cloud

EPILOG = """\b
Examples:
  hpcctl doctor
  hpcctl doctor demo
  hpcctl doctor lab
  hpcctl doctor --plan demo
  hpcctl doctor --orphans
  hpcctl doctor --orphans --remove --profile lab
  hpcctl doctor --orphans --remove --volume vol-0123456789abcdef0
"""


@click.command("doctor", epilog=EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME...]", type=ClusterWord())
@profile_option
@click.option("--region", metavar="REGION", help="AWS region [default: that of the profile].")
@click.option("--plan", is_flag=True, help="With NAME: let Terraform plan as well, which takes seconds.")
@click.option("--orphans", is_flag=True, help="What carries hpcctl's tags and no cluster known here owns.")
@click.option("--remove", is_flag=True, help="With --orphans: remove them.")
@click.option(
    "--volume",
    metavar="ID",
    multiple=True,
    help="With --remove: this volume, which its cluster was to leave behind, and nothing else.",
)
@click.option("--all-owners", is_flag=True, help="With --orphans: those of other people as well.")
@click.option(
    "--min-age",
    metavar="MINUTES",
    type=click.IntRange(min=0),
    default=60,
    show_default=True,
    help="With --orphans: leave alone what is younger, for it may be in the making.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(session: Session, /, **given: Any) -> int:
    """What is wrong, and what to do: with this installation, the account, or the clusters NAME.

    The exit code is 1 if there is a problem. Nothing is changed, but by --remove.
    """
    _require_sense(given)
    if given["orphans"]:
        return _orphans(session, given)
    names = _names(session, given["names"])
    if names and not is_one(given["names"], names):
        return _several(session, names, given)
    with console.progress() as progress:
        checked = _checked(session, given, progress)
    if given["as_json"]:
        console.result_json([_json(one) for one in checked])
    else:
        console.table(("CHECK", "RESULT", "WHAT", "WHAT TO DO"), [_row(one) for one in checked])
    return ExitCode.FAILED if any(one.finding.result.value == "problem" for one in checked) else ExitCode.DONE


_NEEDED = (("remove", "orphans"), ("volume", "remove"), ("all_owners", "orphans"), ("plan", "names"))


def _require_sense(given: dict[str, Any]) -> None:
    for option, wanted in _NEEDED:
        if given[option] and not given[wanted]:
            what = "NAME" if wanted == "names" else f"--{wanted}"
            raise UsageError(f"--{option.replace('_', '-')} needs {what}", hint="hpcctl doctor --help")
    if given["orphans"] and given["names"]:
        raise UsageError("--orphans looks at the whole account", hint="leave NAME out")


def _names(session: Session, words: tuple[str, ...]) -> tuple[str, ...]:
    """The clusters that the words mean. One whose record is lost or damaged goes by its folder."""
    from hpcctl.workspace import Workspace

    there = [word for word in words if Workspace(home=session.home, name=word).path.exists()]
    return tuple(dict.fromkeys([*there, *chosen(session, [word for word in words if word not in there])]))


def _several(session: Session, names: tuple[str, ...], given: dict[str, Any]) -> int:
    from hpcctl.diagnosis.model import run_checks

    def do(name: str, context: Context) -> tuple[Checked, ...]:
        with context.progress.phase("looking"):
            return run_checks(_of_cluster(session, name, context if given["plan"] else None))

    ended = side_by_side(session, "doctor", names, do)
    found = [(one.name, checked) for one in ended for checked in one.value or ()]
    if given["as_json"]:
        console.result_json([{"cluster": name, **_json(checked)} for name, checked in found])
    else:
        rows = [(name, *_row(checked)) for name, checked in found]
        console.table(("CLUSTER", "CHECK", "RESULT", "WHAT", "WHAT TO DO"), rows)
    problems = any(checked.finding.result.value == "problem" for _, checked in found)
    return max(tell_failures(ended), ExitCode.FAILED if problems else ExitCode.DONE)


def _checked(session: Session, given: dict[str, Any], progress: Recorder) -> tuple[Checked, ...]:
    from hpcctl.diagnosis.model import run_checks

    with progress.phase("looking"):
        return run_checks(_checks(session, given, progress))


def _checks(session: Session, given: dict[str, Any], progress: Recorder) -> tuple[Check, ...]:
    if given["names"]:
        return _of_cluster(session, given["names"][0], session.context(progress) if given["plan"] else None)
    from hpcctl.diagnosis.installation import installation_checks

    installed = installation_checks(session.home, ssh_folder=ssh_folder())
    return (*installed, *_of_account(session, given))


def _of_cluster(session: Session, name: str, plan: Context | None) -> tuple[Check, ...]:
    from hpcctl.diagnosis.cluster import cluster_checks
    from hpcctl.workspace import Workspace

    return cluster_checks(Workspace(home=session.home, name=name), plan=plan)


def _of_account(session: Session, given: dict[str, Any]) -> tuple[Check, ...]:
    """The account's checks; where there is no such profile or region, that is the finding."""
    from hpcctl.diagnosis.account import account_checks
    from hpcctl.diagnosis.model import Check, problem

    try:
        return account_checks(session.home, _cloud(session, given))
    except HpcctlError as error:
        finding = problem(error.message, error.hint)
        return (Check(name="profile", look=lambda: finding),)


def _cloud(session: Session, given: dict[str, Any]) -> Cloud:
    return session.cloud(profile=given["profile"], region=given["region"], progress=None)


def _row(one: Checked) -> tuple[str, ...]:
    return (one.name, one.finding.result.value, one.finding.text, one.finding.hint)


def _json(one: Checked) -> dict[str, str | None]:
    found = one.finding
    return {
        "check": one.name,
        "result": found.result.value,
        "what": found.text,
        "what_to_do": found.hint or None,
    }


def _orphans(session: Session, given: dict[str, Any]) -> int:
    from hpcctl.lifecycle.orphans import find_orphans

    cloud = _cloud(session, given)
    found = find_orphans(
        session.home,
        cloud,
        all_owners=given["all_owners"],
        min_age=timedelta(minutes=given["min_age"]),
    )
    _show(found, as_json=given["as_json"])
    if found.unasked:
        console.warn(f"clusters that a team shares may be among these: {found.unasked}")
    if not given["remove"]:
        return ExitCode.DONE
    chosen = found.kept(given["volume"]) if given["volume"] else found.removable
    if not chosen:
        console.say("nothing to remove")
        return ExitCode.DONE
    return _remove(session, cloud, chosen, yes=given["yes"])


def _remove(session: Session, cloud: Cloud, chosen: tuple[Orphan, ...], *, yes: bool) -> int:
    from hpcctl.lifecycle.orphans import remove_orphans

    names = ", ".join(_called(one) for one in chosen)
    what = f"This removes {names} in {cloud.profile}, {cloud.region}"
    console.say(f"{what}, with everything on {'it' if _is_kept(chosen[0]) else '/share'}.")
    if not console.confirm("Go on?", yes=yes):
        console.say("nothing was removed")
        return ExitCode.FAILED
    with console.progress() as progress:
        remove_orphans(cloud, chosen, context=session.context(progress))
    console.say(f"removed: {names}")
    return ExitCode.DONE


def _show(found: Orphans, *, as_json: bool) -> None:
    if as_json:
        console.result_json([_orphan_json(one) for one in found.clusters])
        return
    if found.clusters:
        console.table(
            ("NAME", "ID", "OWNER", "WHAT IT IS", "HAS", "A MONTH"),
            [_orphan_row(one) for one in found.clusters],
        )
        console.say("a month: at list prices, if it goes on as it is now")
        if any(_is_kept(one) for one in found.clusters):
            console.say(
                'kept: use it again by volume "NAME" { id = "vol-…" }, or remove it by --remove --volume ID'
            )
        if any(one.verdict.value == "shared" for one in found.clusters):
            console.say('shared: a team\'s, and no orphan; a profile with state = "s3" reaches it')
    else:
        console.say("no orphans")
    for base in found.bases:
        console.say(f"a base, which is no orphan: {base.vpc_id}, bucket {base.bucket or '-'}")


_WORDS = {
    "orphan": "not known here",
    "new": "too young to tell",
    "another's": "somebody else's",
    "shared": "shared",
    "kept": "kept",
}


def _is_kept(one: Orphan) -> bool:
    return one.verdict.value == "kept"


def _called(one: Orphan) -> str:
    if _is_kept(one):
        return ", ".join(f"the volume {each.id} ({each.name} of {one.name})" for each in one.belongings)
    return f"all of {one.name} ({one.cluster_id})"


def _volumes(one: Orphan) -> str:
    return "; ".join(f"{each.id} ({each.name}, {each.size})" for each in one.belongings)


def _orphan_row(one: Orphan) -> tuple[str, ...]:
    from hpcctl.aws.survey import Kind

    cost = "?" if one.usd is None else f"${one.usd:.2f}"
    if _is_kept(one):
        return (one.name, one.cluster_id, one.owner or "?", _WORDS["kept"], _volumes(one), cost)
    disk = sum(each.gib for each in one.belongings)
    sizes = sorted({each.size for each in one.belongings if each.kind is Kind.INSTANCE})
    others = [kind for kind in Kind if kind not in (Kind.INSTANCE, Kind.VOLUME)]
    has = [
        *([f"{one.count(Kind.INSTANCE)} instances ({'; '.join(sizes)})"] if one.count(Kind.INSTANCE) else ()),
        *([f"{disk} GB in {one.count(Kind.VOLUME)} volumes"] if disk else ()),
        *(f"{one.count(kind)} {kind.value}" for kind in others if one.count(kind)),
    ]
    return (one.name, one.cluster_id, one.owner or "?", _WORDS[one.verdict.value], ", ".join(has), cost)


def _orphan_json(one: Orphan) -> dict[str, Any]:
    return {
        "name": one.name,
        "id": one.cluster_id,
        "owner": one.owner,
        "verdict": one.verdict.value,
        "born": one.born.isoformat(timespec="seconds") if one.born else None,
        "usd_a_month": round(one.usd, 2) if one.usd is not None else None,
        "resources": [{"kind": each.kind.value, "id": each.id, "size": each.size} for each in one.belongings],
    }
