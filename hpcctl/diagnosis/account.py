"""The account behind a profile: who one is, what one may do, what is there."""

from __future__ import annotations

from pathlib import Path

from hpcctl.aws import caller, leftovers
from hpcctl.aws.clock import TOLERATED_SECONDS
from hpcctl.aws.images import find_images, for_architecture
from hpcctl.aws.permissions import refused_in_account
from hpcctl.aws.quotas import vcpu_quota
from hpcctl.aws.survey import survey
from hpcctl.diagnosis.model import Check, Finding, ok, problem, warning
from hpcctl.lifecycle.orphans import Verdict, find_orphans
from hpcctl.render import BaseRequest
from hpcctl.spec.model import DEBIAN, Cloud, ImageBy, ImageChoice

COMMON_TYPE = "c5.large"
"""Its quota is that of all common families, and its architecture that of the commonest image."""
_UNEASY_SECONDS = 60


def account_checks(home: Path, cloud: Cloud) -> tuple[Check, ...]:
    """All that `create` will need of the account."""
    return (
        Check(name="credentials", look=lambda: _credentials(cloud)),
        Check(name="clock", look=lambda: _clock(cloud)),
        Check(name="permissions", look=lambda: _permissions(cloud)),
        Check(name="vCPU quota", look=lambda: _quota(cloud)),
        Check(name="base", look=lambda: _base(cloud)),
        Check(name="unknown clusters", look=lambda: _unknown(home, cloud)),
    )


def _credentials(cloud: Cloud) -> Finding:
    return ok(f"account {caller.account(cloud)}, {cloud.region}, profile {cloud.profile}")


def _clock(cloud: Cloud) -> Finding:
    ahead = caller.clock_ahead(cloud)
    if ahead is None:
        return warning("the cloud does not tell its time")
    off = abs(ahead)
    text = f"this machine is {off:.0f} s {'ahead of' if ahead > 0 else 'behind'} the cloud"
    if off >= TOLERATED_SECONDS:
        return problem(
            f"{text}, which refuses requests from there", "set the clock: timedatectl set-ntp true"
        )
    return warning(text, "timedatectl set-ntp true") if off >= _UNEASY_SECONDS else ok("the same time")


def _permissions(cloud: Cloud) -> Finding:
    choice = ImageChoice(by=ImageBy.DISTRIBUTION, value=DEBIAN)
    image = for_architecture(find_images(cloud, [choice])[choice], "x86_64")
    if image is None:
        return warning("not known: the account is shown no image of Debian")
    refused = refused_in_account(cloud, image_id=image.image_id, instance_type=COMMON_TYPE)
    if refused:
        return problem(
            f"refused: {', '.join(refused)}",
            "ask whoever runs the account for the policy of docs/permissions.md",
        )
    return ok("may make instances, security groups, key pairs and placement groups")


def _quota(cloud: Cloud) -> Finding:
    quota = vcpu_quota(cloud, COMMON_TYPE)
    if quota is None:
        return warning("not known")
    text = f"{quota.free} of {quota.limit} vCPUs free ({quota.name})"
    return ok(text) if quota.free else warning(text, "terminate something, or ask AWS for more")


def _base(cloud: Cloud) -> Finding:
    found = survey(cloud).bases
    if not found:
        return ok("none yet; the first `hpcctl create` makes it")
    if not found[0].bucket:  # bucket and role are made when a cluster first needs them
        return ok(f"{found[0].vpc_id}, the network alone")
    names = BaseRequest(cloud=cloud, account=caller.account(cloud))
    left = leftovers(cloud, bucket=found[0].bucket, role=names.role)
    lost = [
        what
        for what, exists in (
            ("bucket", left.bucket_exists),
            ("role", left.role_exists),
            ("instance profile", left.profile_exists),
        )
        if not exists
    ]
    if lost:
        return problem(
            f"{found[0].vpc_id} is there, its {', '.join(lost)} is not",
            "terraform apply in the folder base/ of HPCCTL_HOME makes it again; or remove that VPC",
        )
    if len(found) > 1:
        return warning(f"{len(found)} of them: {', '.join(one.vpc_id for one in found)}", "one is enough")
    return ok(f"{found[0].vpc_id}, bucket {found[0].bucket}")


def _unknown(home: Path, cloud: Cloud) -> Finding:
    orphans = find_orphans(home, cloud)
    own = [
        one.name
        for one in orphans.clusters
        if one.owner == cloud.owner and one.verdict not in (Verdict.SHARED, Verdict.KEPT)
    ]
    if own:
        return warning(
            f"yours, and not known here: {', '.join(own)}", "hpcctl recover NAME, or hpcctl doctor --orphans"
        )
    return ok("none of yours")
