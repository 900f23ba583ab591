"""What every node needs before anything else: its own name, the others' names, and trust among them."""

from __future__ import annotations

from dataclasses import dataclass

from hpcctl.spec.model import LOGIN_UID
from hpcctl.steps.model import On, Put, Run, Step, WaitFor, WhenChanged
from hpcctl.steps.view import DEFAULT_SHELL, ClusterView, Disk, HostKey, NewHostKey
from hpcctl.templating import quote_shell, render_template

HOST_KEY = "host key"
HOST_KEY_PATH = "/etc/ssh/ssh_host_ed25519_key"


def ready(view: ClusterView, on: On) -> Step:
    """User data has run to its end: a stock image installs its packages, a baked one is ready at once."""
    return Step(
        name="first boot",
        on=on,
        actions=(
            WaitFor(
                condition="test -e /etc/hpcctl/ready",
                seconds=view.boot_seconds,
                hint="user data did not finish; see /var/log/cloud-init-output.log on the node",
            ),
        ),
    )


def scripts(view: ClusterView, on: On) -> tuple[Step, ...]:
    """The user's own scripts, which follow the first boot, have run to their ends. Nothing where there are none."""
    if not view.scripts:
        return ()
    functions = render_template("steps/scripts.sh.j2", seconds=view.boot_seconds)
    return (
        Step(
            name="user's scripts",
            on=on,
            actions=(Run(command=functions + "wait_for_scripts", unless=functions + "all_done"),),
            hint="mend the script in /etc/hpcctl/scripts on the node, run `sudo /usr/lib/hpcctl/scripts` there,"
            " then the same command; what the scripts wrote is in /var/log/hpcctl-scripts.log",
        ),
    )


def login_shell(view: ClusterView) -> tuple[Step, ...]:
    """The login user's shell, where it is another than every image has."""
    if view.shell == DEFAULT_SHELL:
        return ()
    user, shell = quote_shell(view.user), quote_shell(view.shell)
    return (
        Step(
            name="login shell",
            on=On.ALL,
            actions=(
                Run(
                    command=f"[ -x {shell} ] || {{ echo {shell} is not there, nor could it be installed; exit 1; }};"
                    f" usermod -s {shell} {user}",
                    unless=f'[ "$(getent passwd {user} | cut -d: -f7)" = {shell} ]',
                ),
            ),
            hint="name a shell that the image has, or whose package has the shell's name",
        ),
    )


def names(view: ClusterView, on: On) -> Step:
    """/etc/hosts with every node, by its short name and by <cluster>-<node>."""
    return Step(
        name="names",
        on=on,
        actions=(
            Put(
                path="/etc/hosts",
                content=render_template("steps/hosts.j2", cluster=view.name, hosts=view.hosts),
            ),
        ),
    )


def trust(view: ClusterView, on: On) -> Step:
    """Every node knows every node's host key, so that nobody is ever asked."""
    keys = {key.host: _trusted(key, on) for key in view.host_keys}
    known = render_template("steps/ssh_known_hosts.j2", cluster=view.name, hosts=view.hosts, keys=keys)
    client = render_template("steps/ssh_client.conf.j2", cluster=view.name, hosts=view.hosts)
    return Step(
        name="host keys",
        on=on,
        actions=(
            Put(path="/etc/ssh/ssh_known_hosts", content=known),
            Put(path="/etc/ssh/ssh_config.d/10-hpcctl.conf", content=client),
        ),
    )


def _trusted(key: HostKey, on: On) -> tuple[str, ...]:
    """The head must reach a node before and after it gets its new key; compute nodes need the last one only."""
    return (key.public,) if on is On.COMPUTE else key.accepted


def host_key(new: NewHostKey) -> Step:
    """The node's own host key, in place of the one that user data brought; sshd shows it when this has ended."""
    shows = render_template(
        "steps/host_key.sh.j2", path=HOST_KEY_PATH, public=" ".join(new.public.split()[:2])
    )
    return Step(
        name=HOST_KEY,
        on=On.ALL,
        actions=(
            Put(path=HOST_KEY_PATH, content=new.private, mode="0600"),
            Put(path=f"{HOST_KEY_PATH}.pub", content=new.public),
            WhenChanged(command=f"{shows}\ntell_sshd"),
            WaitFor(
                condition=f"{shows}\nkept && {{ shown || {{ tell_sshd; false; }}; }}",
                seconds=60,
                hint="sshd does not show its new host key; see `journalctl -u ssh` on the node",
            ),
        ),
    )


def cluster_key(view: ClusterView) -> Step:
    """The key with which the head reaches the nodes; for root on the head only."""
    return Step(
        name="cluster key",
        on=On.HEAD,
        actions=(Put(path="/etc/hpcctl/cluster_key", content=view.cluster_key.private, mode="0600"),),
    )


def logins(view: ClusterView) -> Step:
    """Every key that may log in may do so on every node. None is taken away: others may have added theirs."""
    keys = render_template("steps/logins.sh.j2", user=view.user, keys=view.authorized_keys)
    return Step(
        name="logins",
        on=On.ALL,
        actions=(
            Run(
                command=f'{keys}mkdir -p "${{file%/*}}" && touch "$file"'
                ' && { awk 1 "$file"; lacking; } >"$file.hpcctl-new" && mv -f "$file.hpcctl-new" "$file"',
                unless=f'{keys}[ -s "$file" ] && ! lacking',
            ),
        ),
    )


def welcome(view: ClusterView, *, scheduler: str, usage: tuple[str, ...]) -> Step:
    """What a person reads after login; ``scheduler`` is its title, ``usage`` how it is used."""
    others = [Place(mount=disk.mount, words=_words(disk)) for disk in view.disks[1:]]
    others += [Place(mount=efs.mount, words="EFS, on all nodes") for efs in view.efs]
    text = render_template(
        "steps/motd.j2",
        cluster=view.name,
        hosts=view.hosts,
        bucket=view.bucket,
        scheduler=scheduler,
        usage=usage,
        volumes=others,
    )
    return Step(name="welcome", on=On.ALL, actions=(Put(path="/etc/motd", content=text),))


@dataclass(frozen=True, kw_only=True)
class Place:
    """A file system as the message after login tells of it."""

    mount: str
    words: str


def _words(disk: Disk) -> str:
    return f"the volume {disk.name}, {'on all nodes' if disk.shared else 'on the head alone'}"


def login_user(view: ClusterView) -> Step:
    """The login user's home on /share, with the key that opens all nodes. Runs after /home is mounted."""
    user, home = view.user, f"/home/{view.user}"
    owner = f"{user}:{user}"
    quoted_home = quote_shell(home)
    return Step(
        name="login user",
        on=On.HEAD,
        actions=(
            Run(
                command=f"cp -a /etc/skel {quoted_home}.new && chown -R {quote_shell(owner)} {quoted_home}.new"
                f" && chmod 0750 {quoted_home}.new && mv -T {quoted_home}.new {quoted_home}",
                unless=f"test -d {quoted_home}",
            ),
            Run(
                command=render_template("steps/own_home.sh.j2", home=home, user=view.user),
                unless=f'[ "$(stat -c %u {quoted_home})" = {LOGIN_UID} ]',
            ),
            Run(
                command=f"install -d -m 0700 -o {LOGIN_UID} -g {LOGIN_UID} {quoted_home}/.ssh",
                unless=f"test -d {quoted_home}/.ssh",
            ),
            Put(path=f"{home}/.ssh/id_ed25519", content=view.cluster_key.private, mode="0600", owner=owner),
            Put(path=f"{home}/.ssh/id_ed25519.pub", content=view.cluster_key.public, owner=owner),
        ),
    )


def mpi(view: ClusterView) -> Step:
    """Open MPI on the private network, and a hostfile for use without the scheduler."""
    return Step(
        name="open mpi",
        on=On.ALL,
        actions=(
            Put(
                path="/etc/openmpi/openmpi-mca-params.conf",
                content=render_template("steps/openmpi.conf.j2", network=view.network),
            ),
            Put(
                path="/etc/hpcctl/hostfile",
                content=render_template("steps/hostfile.j2", hosts=view.workers),
            ),
        ),
    )
