"""Everything in an account and region that carries hpcctl's tags, whosever it is and whether anybody knows of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from typing import TYPE_CHECKING, Any

from hpcctl.aws.base import BASE_TAG, BUCKET_TAG
from hpcctl.aws.clock import answered_at
from hpcctl.aws.keeping import KEEP_TAG, VOLUME_TAG
from hpcctl.aws.session import ec2, explained
from hpcctl.aws.states import ALIVE, tags_of
from hpcctl.spec.model import Cloud
from hpcctl.spec.tags import CLUSTER_TAG, CREATED_TAG, ID_TAG, OWNER_TAG

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


class Kind(str, Enum):
    """What can carry the tags of a cluster, in the order in which it can be removed."""

    INSTANCE = "instance"
    VOLUME = "volume"
    SECURITY_GROUP = "security group"
    KEY_PAIR = "key pair"
    PLACEMENT_GROUP = "placement group"
    LAUNCH_TEMPLATE = "launch template"


@dataclass(frozen=True, kw_only=True)
class Belonging:
    """One thing of one cluster.

    ``id`` is what removes it; ``size`` is an instance's type or a volume's ("50 GB gp3"); ``born`` is by the cloud's
    own clock, where it tells. A volume may be ``kept`` when its cluster ends; ``name`` is what the cluster calls it.
    """

    kind: Kind
    id: str
    cluster: str
    cluster_id: str
    owner: str
    size: str = ""
    gib: int = 0
    volume_type: str = ""
    iops: int | None = None
    throughput: int | None = None
    instance_type: str = ""
    state: str = ""
    born: datetime | None = None
    kept: bool = False
    name: str = ""
    attached_to: str = ""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A base: what clusters share, and what therefore belongs to none of them."""

    vpc_id: str
    bucket: str


@dataclass(frozen=True, kw_only=True)
class Survey:
    """All of it, at the moment ``now`` of the cloud's clock."""

    belongings: tuple[Belonging, ...]
    bases: tuple[Shared, ...]
    now: datetime


def survey(cloud: Cloud) -> Survey:
    """Seven questions at the same time, whatever there is."""
    with (
        ThreadPoolExecutor(7) as pool,
        explained(cloud, "list what carries hpcctl's tags"),
    ):
        client = ec2(cloud)
        bases = pool.submit(client.describe_vpcs, Filters=[{"Name": "tag-key", "Values": [BASE_TAG]}])
        found = list(pool.map(lambda ask: tuple(ask(client)), _QUESTIONS))
        answer = bases.result()
        return Survey(
            belongings=tuple(one for some in found for one in some),
            bases=tuple(
                Shared(
                    vpc_id=vpc["VpcId"],
                    bucket=tags_of(vpc.get("Tags", ())).get(BUCKET_TAG, ""),  # type: ignore[arg-type]
                )
                for vpc in answer["Vpcs"]
            ),
            now=answered_at(answer) or datetime.now(timezone.utc),
        )


def _tagged(*more: Any) -> Any:
    return [{"Name": "tag-key", "Values": [ID_TAG]}, *more]


def _belonging(kind: Kind, id_: str, tags: Any, **more: Any) -> Belonging:
    words = {key: _printable(value) for key, value in tags_of(tags).items()}
    born = more.pop("born", None) or _time(words.get(CREATED_TAG, ""))
    return Belonging(
        kind=kind,
        id=id_,
        cluster=words.get(CLUSTER_TAG, ""),
        cluster_id=words.get(ID_TAG, ""),
        owner=words.get(OWNER_TAG, ""),
        born=born,
        **more,
    )


def _printable(text: str) -> str:
    """Anybody with the account can write a tag, and a terminal obeys more than letters."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(timezone.utc)
    except ValueError:
        return None


def _instances(client: EC2Client) -> Iterator[Belonging]:
    alive = {"Name": "instance-state-name", "Values": list(ALIVE)}
    for page in client.get_paginator("describe_instances").paginate(Filters=_tagged(alive)):
        for reservation in page["Reservations"]:
            for one in reservation["Instances"]:
                kind, state = one["InstanceType"], one["State"]["Name"]
                yield _belonging(
                    Kind.INSTANCE,
                    one["InstanceId"],
                    one.get("Tags", ()),
                    size=f"{kind}, {state}",
                    instance_type=kind,
                    state=state,
                )


def _volumes(client: EC2Client) -> Iterator[Belonging]:
    for page in client.get_paginator("describe_volumes").paginate(Filters=_tagged()):
        for one in page["Volumes"]:
            kind, tags = one["VolumeType"], tags_of(one.get("Tags", ()))  # type: ignore[arg-type]
            yield _belonging(
                Kind.VOLUME,
                one["VolumeId"],
                one.get("Tags", ()),
                size=f"{one['Size']} GB {kind}",
                gib=one["Size"],
                volume_type=kind,
                iops=one.get("Iops"),
                throughput=one.get("Throughput"),
                born=one["CreateTime"],
                kept=KEEP_TAG in tags,
                name=_printable(tags.get(VOLUME_TAG, "")),
                attached_to=next((each["InstanceId"] for each in one.get("Attachments", ())), ""),
            )


def _security_groups(client: EC2Client) -> Iterator[Belonging]:
    for page in client.get_paginator("describe_security_groups").paginate(Filters=_tagged()):
        for one in page["SecurityGroups"]:
            yield _belonging(Kind.SECURITY_GROUP, one["GroupId"], one.get("Tags", ()))


def _key_pairs(client: EC2Client) -> Iterator[Belonging]:
    for one in client.describe_key_pairs(Filters=_tagged())["KeyPairs"]:
        yield _belonging(Kind.KEY_PAIR, one["KeyName"], one.get("Tags", ()), born=one.get("CreateTime"))


def _placement_groups(client: EC2Client) -> Iterator[Belonging]:
    for one in client.describe_placement_groups(Filters=_tagged())["PlacementGroups"]:
        yield _belonging(Kind.PLACEMENT_GROUP, one["GroupName"], one.get("Tags", ()))


def _launch_templates(client: EC2Client) -> Iterator[Belonging]:
    for page in client.get_paginator("describe_launch_templates").paginate(Filters=_tagged()):
        for one in page["LaunchTemplates"]:
            yield _belonging(Kind.LAUNCH_TEMPLATE, one["LaunchTemplateId"], one.get("Tags", ()))


_QUESTIONS: tuple[Callable[[Any], Iterator[Belonging]], ...] = (
    _instances,
    _volumes,
    _security_groups,
    _key_pairs,
    _placement_groups,
    _launch_templates,
)
