"""Terraform's JSON messages (``-json``) as records, and its errors in plain words. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hpcctl.errors import TerraformError

_AWS_ERROR = re.compile(r"api error (?P<code>[\w.]+): (?P<text>.*)", re.DOTALL)
_STATE_REASON = re.compile(r"last error: (?:Server|Client)\.(?P<code>\w+)")
_ADDRESS = re.compile(r"(?P<type>\w+)\.\w+(?:\[\"?(?P<key>[^\"\]]+)\"?\])?$")

_DIED = re.compile(r"unexpected state '(?:shutting-down|terminated)'(?P<why>.*)", re.DOTALL)

_BOX = re.compile(r"[│╷╵]|\x1b\[[0-9;]*m")

_HINTS = {
    "InsufficientInstanceCapacity": "AWS has no machine of this type free in that zone now. "
    "Try another zone (--zone), another type, or try later.",
    "VcpuLimitExceeded": "Ask AWS for a higher vCPU quota (Service Quotas, Amazon EC2), "
    "or take fewer or smaller nodes.",
    "MaxSpotInstanceCountExceeded": "Ask AWS for a higher vCPU quota for spot (Service Quotas, Amazon EC2), "
    "or take fewer or smaller nodes, or nodes on demand.",
    "SpotMaxPriceTooLow": "Spot capacity costs more than your limit now: `hpcctl spot-history` shows what it has cost.",
    "RequestLimitExceeded": "AWS slows this account down. "
    "Run the same command again; it goes on where it stopped.",
    "UnauthorizedOperation": "These credentials lack a permission; the log names it.",
    "ExpiredToken": "Log in again; the credentials have expired.",
    "RequestExpired": "Log in again, or set this machine's clock.",
    "AuthFailure": "AWS does not accept these credentials.",
    "OptInRequired": "This account must first accept the image's terms, or enable the region, "
    "in the AWS console.",
    "InvalidIPAddress.InUse": "Another machine took the address meanwhile. Run the same command again.",
}


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """An error or a warning; ``codes`` are the names that AWS gives to its errors."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """Such as InsufficientInstanceCapacity: of a call that was refused, or of a machine that ended by itself."""
        text = f"{self.summary}\n{self.detail}"
        found = _AWS_ERROR.search(text) or _STATE_REASON.search(text)
        return (found["code"],) if found else ()

    @property
    def plain(self) -> str:
        """One sentence: what AWS said if it was AWS, else the summary and its explanation."""
        found = _AWS_ERROR.search(f"{self.summary}\n{self.detail}")
        if found:
            text = f"{_one_line(found['text'])} ({found['code']})"
        else:
            text = ": ".join(_one_line(part) for part in (self.summary, self.detail) if part)
        return f"{subject(self.address)}: {text}" if self.address else text


@dataclass(frozen=True, kw_only=True)
class Event:
    """One message of Terraform's: ``kind`` is its type (apply_start, apply_complete, diagnostic …)."""

    kind: str
    message: str
    address: str = ""
    action: str = ""
    elapsed: float = 0.0
    diagnostic: Diagnostic | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def subject(self) -> str:
        """The resource in words: ``instance node001``."""
        return subject(self.address)


def parse_event(line: str) -> Event:
    """The record of one line; text that is no JSON message becomes an event of kind ``text``."""
    try:
        data = json.loads(line)
        kind, message = data["type"], data["@message"]
    except (ValueError, KeyError, TypeError):
        return Event(kind="text", message=line.rstrip("\n"))
    hook = data.get("hook") or data.get("change") or {}
    return Event(
        kind=kind,
        message=message,
        address=hook.get("resource", {}).get("addr", ""),
        action=hook.get("action", ""),
        elapsed=float(hook.get("elapsed_seconds", 0)),
        diagnostic=_diagnostic(data.get("diagnostic")),
        outputs=_values(data.get("outputs")),
    )


def subject(address: str) -> str:
    """``module.nodes.aws_instance.this["node001"]`` is ``instance node001``."""
    found = _ADDRESS.search(address)
    if not found:
        return address
    kind = found["type"].removeprefix("aws_").replace("_", " ").replace("vpc", "VPC").replace("iam", "IAM")
    key = found["key"] or ""
    return kind if not key or key.isdigit() else f"{kind} {key}"


def failure(command: str, diagnostics: Sequence[Diagnostic], text: Sequence[str], log: str) -> TerraformError:
    """The error of a command that ended badly: the first error in plain words, the hint for it, the log."""
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
    codes = tuple(dict.fromkeys(code for error in errors for code in error.codes))
    if errors:
        message = errors[0].plain
        more = {1: "", 2: " (and 1 more error)"}.get(len(errors), f" (and {len(errors) - 1} more errors)")
    else:
        message, more = _from_text(text), ""
    hint = next((_HINTS[code] for code in codes if code in _HINTS), "")
    return TerraformError(
        f"terraform {command} failed: {message}{more}",
        hint=f"{hint} The whole log: {log}".strip(),
        codes=codes,
        died=_died(errors),
    )


def _died(errors: Sequence[Diagnostic]) -> tuple[str, ...]:
    """The nodes whose instances ended by themselves, if that is all that went wrong."""
    nodes = []
    for error in errors:
        found = _ADDRESS.search(error.address)
        reason = _DIED.search(f"{error.summary}\n{error.detail}")
        if not (found and reason and found["type"] == "aws_instance" and found["key"]):
            return ()
        # A lack of capacity is the zone's; the client's own mistakes would meet a second machine as well.
        if "Insufficient" in reason["why"] or "Client." in reason["why"]:
            return ()
        nodes.append(found["key"])
    return tuple(dict.fromkeys(nodes))


def _diagnostic(data: Mapping[str, Any] | None) -> Diagnostic | None:
    if not data:
        return None
    return Diagnostic(
        severity=data.get("severity", "error"),
        summary=data.get("summary", ""),
        detail=data.get("detail", ""),
        address=data.get("address", ""),
    )


def _values(outputs: Mapping[str, Any] | None) -> dict[str, Any]:
    """The outputs that have a value; while planning they have none yet."""
    return {name: output["value"] for name, output in (outputs or {}).items() if "value" in output}


def _from_text(lines: Sequence[str]) -> str:
    """The first error among lines meant for people: what follows its ``Error:``, without the frame."""
    plain = [_BOX.sub("", line).strip() for line in lines]
    first = next((place for place, line in enumerate(plain) if line.startswith("Error: ")), None)
    chosen = plain[-5:] if first is None else plain[first : first + 8]
    return " ".join(line for line in chosen if line).removeprefix("Error: ") or "no reason given"


def _one_line(text: str) -> str:
    return " ".join(text.split())
