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


_EMPTY = {
    "DescribeInstances": "reservationSet",
    "DescribeKeyPairs": "keySet",
    "DescribeNetworkInterfaces": "networkInterfaceSet",
    "DescribePlacementGroups": "placementGroupSet",
    "DescribeSecurityGroups": "securityGroupInfo",
    "DescribeSubnets": "subnetSet",
    "DescribeTags": "tagSet",
    "DescribeVolumes": "volumeSet",
    "DescribeVpcs": "vpcSet",
}
"""The questions that are answered too early, and the element that is empty then."""


def can_lag(action: str) -> bool:
    """Is it one of those questions?"""
    return action in _EMPTY


def not_yet(action: str, body: bytes) -> tuple[str, str]:
    """Status and document: what was asked for by its id is not found, a search finds nothing."""
    for name, values in parse_qs(body.decode(errors="replace")).items():
        code = _NAMED.get(name.partition(".")[0])
        if code:
            return "400 Bad Request", error_document(code, f"The ID '{values[0]}' does not exist")
    head = f'{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'
    return "200 OK", f"<{head}><requestId>not-yet</requestId><{_EMPTY[action]}/></{action}Response>"
