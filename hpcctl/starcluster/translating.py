"""One template of StarCluster's, said as a ``cluster`` block; what cannot be said becomes a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hpcctl.spec.schema.cluster import CLUSTER
from hpcctl.spec.schema.network import NETWORK
from hpcctl.starcluster import known
from hpcctl.starcluster.fitting import fitting, yes
from hpcctl.starcluster.items import Attribute, Block, Comment, Item, difference
from hpcctl.starcluster.machines import machines
from hpcctl.starcluster.reading import Section, StarClusterConfig, flattened, listed
from hpcctl.starcluster.storage import firewall, storage

Find = Callable[[str], str | None]
"""How a cluster file names a file, by the path as it was written; None where there is no such file."""

_SAID = frozenset(
    name
    for line in (
        "extends keyname cluster_size cluster_user cluster_shell master_instance_type master_image_id",
        "node_instance_type node_image_id availability_zone volumes permissions plugins spot_bid",
        "force_spot_master subnet_id public_ips disable_queue userdata_scripts",
    )
    for name in line.split()
)


@dataclass(frozen=True, kw_only=True)
class _Source:
    config: StarClusterConfig
    settings: Mapping[str, str]
    find: Find


def translated(config: StarClusterConfig, names: tuple[str, ...], find: Find) -> tuple[Block, ...]:
    """A block for each template, one that is extended before those that extend it.

    A template that adds to another one extends it here as well; one that takes something away says everything itself.
    Raises ConfigError for a template that is not there.
    """
    chains = {name: flattened(config, name)[1] for name in names}
    whole = {name: _whole(config, name, find) for chain in chains.values() for name in reversed(chain)}
    ordered = [name for name in whole if name in names or any(name in chain for chain in chains.values())]
    return tuple(_extending(name, flattened(config, name)[1], whole) for name in ordered)


def _extending(name: str, chain: tuple[str, ...], whole: Mapping[str, Block]) -> Block:
    block = whole[name]
    if len(chain) < 2:
        return block
    parent = whole[chain[1]]
    added = difference(parent, block)
    if added is None:
        word = Comment(text=f"EXTENDS = {chain[1]}, and takes away from it: so everything is said here")
        return Block(kind=block.kind, label=block.label, items=(word, *block.items))
    extends = Attribute(name="extends", value=parent.label)
    return Block(kind=block.kind, label=block.label, items=(extends, *added))


def _whole(config: StarClusterConfig, name: str, find: Find) -> Block:
    source = _Source(config=config, settings=flattened(config, name)[0], find=find)
    items = (*_where(source), *_login(source), *_rest(source), *_blocks(source))
    return Block(kind="cluster", label=label(name), items=items)


def label(name: str) -> str:
    """The name of a template, as one that a cluster block can have."""
    text = "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "-" for each in name)
    return (text if text[:1].isalpha() else f"t-{text}")[:32]


def _where(source: _Source) -> Iterator[Item]:
    region = source.config.one("aws info").get("aws_region_name") or known.REGION
    yield fitting(CLUSTER, Attribute(name="region", value=region), said=f"AWS_REGION_NAME = {region}")
    zone = source.settings.get("availability_zone")
    if zone:
        yield fitting(CLUSTER, Attribute(name="zone", value=zone), said=f"AVAILABILITY_ZONE = {zone}")
    image = source.settings.get("node_image_id")
    if image:
        attribute = Attribute(name="image", value=image, comment=known.word_on_image(image))
        yield fitting(CLUSTER, attribute, said=f"NODE_IMAGE_ID = {image}")


def _login(source: _Source) -> Iterator[Item]:
    settings = source.settings
    user = settings.get("cluster_user", "sgeadmin")
    word = f"CLUSTER_USER = {user}"
    if user == "sgeadmin":
        yield Comment(text=f"{word}: that is Grid Engine's own user here; the login user is called hpc")
    else:
        yield fitting(CLUSTER, Attribute(name="user", value=user), said=word)
    shell = settings.get("cluster_shell", "bash")
    if shell != "bash":
        path = known.SHELLS.get(shell, shell)
        yield fitting(CLUSTER, Attribute(name="shell", value=path), said=f"CLUSTER_SHELL = {shell}")
    yield from _key(source)


def _key(source: _Source) -> Iterator[Item]:
    name = source.settings.get("keyname")
    section = source.config.of("key").get(name or "")
    private = section.settings.get("key_location", "") if section else ""
    if name and not private:
        yield Comment(text=f"KEYNAME = {name}: there is no [key {name}] with a KEY_LOCATION")
    elif private and (public := source.find(f"{private}.pub")):
        attribute = Attribute(name="key", value=public)
        yield fitting(CLUSTER, attribute, said=f"KEY_LOCATION = {private}")
    elif private:
        yield Comment(
            text=f"KEYNAME = {name}: each cluster gets a key of its own. To log in with {private} as well, make its"
            f' public half, `ssh-keygen -y -f {private} > {private}.pub`, and write: key = "{private}.pub"'
        )


def _rest(source: _Source) -> Iterator[Item]:
    settings = source.settings
    if yes(settings.get("disable_queue")):
        yield Attribute(name="scheduler", value="none")
    if settings.get("public_ips") and not settings.get("subnet_id"):
        yield Comment(text="PUBLIC_IPS: without SUBNET_ID all nodes have public addresses in any case")
    for name, value in settings.items():
        if name not in _SAID:
            word = known.SETTINGS.get(name, "StarCluster has no such setting")
            yield Comment(text=f"{name.upper()} = {value}: {word}")
    for plugin in listed(settings.get("plugins", "")):
        yield Comment(text=_plugin(plugin, source.config.of("plugin").get(plugin)))


def _blocks(source: _Source) -> Iterator[Item]:
    settings = source.settings
    rules = tuple(firewall(settings, source.config.of("permission")))
    yield from (rule for rule in rules if not isinstance(rule, Block))
    settings, missing = _with_scripts_that_exist(settings, source.find)
    yield from (Comment(text=f"USERDATA_SCRIPTS: there is no file {script}") for script in missing)
    yield from machines(settings, master_runs_jobs=_master_runs_jobs(source))
    yield storage(settings, source.config.of("volume"))
    subnet = settings.get("subnet_id")
    if subnet:
        item = fitting(NETWORK, Attribute(name="subnet", value=subnet), said=f"SUBNET_ID = {subnet}")
        yield Block(kind="network", items=(item,)) if isinstance(item, Attribute) else item
    yield from (rule for rule in rules if isinstance(rule, Block))


def _with_scripts_that_exist(
    settings: Mapping[str, str], find: Find
) -> tuple[Mapping[str, str], tuple[str, ...]]:
    scripts = listed(settings.get("userdata_scripts", ""))
    found = {script: find(script) for script in scripts}
    there = ",".join(path for path in found.values() if path)
    return {**settings, "userdata_scripts": there}, tuple(script for script in scripts if not found[script])


def _master_runs_jobs(source: _Source) -> bool:
    """False where the plugin ``sge`` says MASTER_IS_EXEC_HOST = False."""
    plugins = source.config.of("plugin")
    chosen = [
        plugins[name].settings for name in listed(source.settings.get("plugins", "")) if name in plugins
    ]
    return not any("master_is_exec_host" in each and not yes(each["master_is_exec_host"]) for each in chosen)


def _plugin(name: str, section: Section | None) -> str:
    if section is None:
        return f"PLUGINS names {name}, and there is no [plugin {name}]"
    values = {key: value for key, value in section.settings.items() if key != "setup_class"}
    setup = section.settings.get("setup_class", "")
    word = known.word_on_plugin(setup).replace("{packages}", " ".join(listed(values.get("packages", ""))))
    given = "; ".join(f"{key.upper()} = {value}" for key, value in values.items())
    return f"plugin {name} ({setup}{'; ' if given else ''}{given}): {word}"
