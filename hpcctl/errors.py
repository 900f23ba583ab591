"""Every error that hpcctl raises on purpose, and the exit codes they become.

::

    HpcctlError                 message, hint            exit 1
    ├── UsageError              wrong words on the command line      exit 2
    ├── SpecError               a list of Problems                   exit 2
    ├── ConfigError             config.hcl, a file of the user's     exit 2
    ├── CloudError              AWS said no, or did not answer       exit 1
    │   ├── CredentialsError
    │   ├── ChangedMeanwhile    somebody else has written the same object
    │   └── UnreachableError    nothing answers at the endpoint
    ├── RenderError             a Terraform folder would not fit     exit 1
    ├── TerraformError          Terraform failed; the log's path     exit 3
    │   └── PlanRefused         it would replace or destroy what is not to be lost
    ├── RemoteError             a connection or a command on a host  exit 4
    │   ├── HostsFailed         one result for every host that failed
    │   ├── HostKeyChanged      another key than the pinned one
    │   ├── LoginRefused        the host does not take this machine's key
    │   ├── Unanswered          the head did not answer in its time
    │   └── BrokenOff           the connection to the head broke
    ├── StateError              cluster.json, a workspace, a lock    exit 1
    │   ├── UnknownCluster
    │   ├── NoBucket            the bucket of the shared clusters is not there
    │   ├── LockLost            the lock of a shared cluster could not be kept
    │   └── Locked
    ├── SandboxError            QEMU, the image, the local service   exit 1
    └── Interrupted             Ctrl-C                               exit 130
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell sees."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    TERRAFORM = 3
    HOSTS = 4
    INTERRUPTED = 130


class HpcctlError(Exception):
    """What went wrong and where (``message``), and what to do next (``hint``)."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(HpcctlError):
    """The command line cannot be carried out as it is written."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """The line of a file that a problem is in, and which part of it; ``column`` counts characters from 1."""

    path: str
    line: int
    column: int
    length: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One mistake in what the user asked for: where it is, what is wrong, what to do; the line, if it is in a file."""

    where: str
    what: str
    hint: str = ""
    excerpt: Excerpt | None = None


class SpecError(HpcctlError):
    """Everything that is wrong with a request, at once."""

    exit_code = ExitCode.USAGE

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.where}: {problem.what}" for problem in problems))
        self.problems = tuple(problems)


class ConfigError(HpcctlError):
    """A file that the user wrote cannot be read or understood; ``problems``: each mistake with its place, if known."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, hint: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class CloudError(HpcctlError):
    """The cloud refused a call; ``code`` is its own word for it, such as UnauthorizedOperation."""

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class CredentialsError(CloudError):
    """No credentials, or expired ones."""


class ChangedMeanwhile(CloudError):
    """An object in a bucket is not what it was when it was read: somebody else has written or removed it."""


class UnreachableError(CloudError):
    """Nothing answers at the cloud's endpoint."""


class RenderError(HpcctlError):
    """What was rendered does not fit: the root its modules, or the user data EC2's limit."""


class TerraformError(HpcctlError):
    """Terraform failed; the hint names the log.

    ``codes`` are AWS's own names for what went wrong; ``died`` are the nodes whose new machine ended by itself, where
    nothing else went wrong.
    """

    exit_code = ExitCode.TERRAFORM

    def __init__(
        self, message: str, *, hint: str = "", codes: Sequence[str] = (), died: Sequence[str] = ()
    ) -> None:
        super().__init__(message, hint=hint)
        self.codes = tuple(codes)
        self.died = tuple(died)


class PlanRefused(TerraformError):
    """What Terraform would do costs a node or data, and nobody has allowed it; nothing was changed."""


class RemoteError(HpcctlError):
    """A host could not be reached, or a command on it failed."""

    exit_code = ExitCode.HOSTS


class HostKeyChanged(RemoteError):
    """A host that has its own key shows another one: it is not the host, or it was made anew."""


class LoginRefused(RemoteError):
    """A host that works does not accept the key of this machine."""


class Unanswered(RemoteError):
    """A host did not answer SSH by its deadline."""


class BrokenOff(RemoteError):
    """A connection ended before the command on it did: the host may have died, or the network in between."""


@dataclass(frozen=True, kw_only=True)
class HostFailure:
    """What failed on one host: the step or check, and the last lines it wrote."""

    host: str
    step: str
    output: str = ""
    hint: str = ""


class HostsFailed(RemoteError):
    """Some hosts failed; the others are not held back."""

    def __init__(self, failures: Sequence[HostFailure], *, hint: str = "") -> None:
        names = ", ".join(sorted({failure.host for failure in failures}))
        super().__init__(f"failed on {names}", hint=hint)
        self.failures = tuple(failures)


class StateError(HpcctlError):
    """What hpcctl keeps on this machine is missing, damaged or in use."""


class UnknownCluster(StateError):
    """No cluster of that name is known here; ``word`` is the name, where a name was given and no pattern."""

    def __init__(self, message: str, *, hint: str = "", word: str = "") -> None:
        super().__init__(message, hint=hint)
        self.word = word


class NoBucket(StateError):
    """The bucket that shared clusters are written down in is not there: nobody has made it, or it was removed."""


class LockLost(StateError):
    """The lock of a shared cluster could not be kept: nothing more may be written."""


class Locked(StateError):
    """Another hpcctl works on this cluster."""


class SandboxError(HpcctlError):
    """The local AWS could not do what was asked."""


class Interrupted(HpcctlError):
    """The user pressed Ctrl-C."""

    exit_code = ExitCode.INTERRUPTED
