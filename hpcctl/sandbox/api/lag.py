"""Answers of an AWS that does not know yet what it has made: eventual consistency, on demand."""

from __future__ import annotations

from urllib.parse import parse_qs

from hpcctl.sandbox.api.errors import error_document

_NAMED = {
    "InstanceId": "InvalidInstanceID.NotFound",
    "GroupId": "InvalidGroup.NotFound",
    "GroupName": "InvalidPlacementGroup.Unknown",
    "KeyName": "InvalidKeyPair.NotFound",
    "VolumeId": "InvalidVolume.NotFound",
}


def can_lag(action: str) -> bool:
    """Is it a question about what there is?"""
    return action.startswith("Describe")


def not_yet(action: str, body: bytes) -> tuple[str, str]:
    """Status and document: what was asked for by its id is not found, a search finds nothing."""
    for name, values in parse_qs(body.decode(errors="replace")).items():
        code = _NAMED.get(name.partition(".")[0])
        if code:
            return "400 Bad Request", error_document(code, f"The ID '{values[0]}' does not exist")
    space = "http://ec2.amazonaws.com/doc/2016-11-15/"
    return "200 OK", f'<{action}Response xmlns="{space}"><requestId>not-yet</requestId></{action}Response>'
