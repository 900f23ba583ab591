"""The path that keeps others out: what is told without it, and what the API sees of it."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from hpcctl.sandbox.api.gate import Gate, new_token


def _asked(token: str, path: str) -> tuple[str, dict[str, Any]]:
    """The status, and what the application behind the gate saw (nothing, if it was not asked)."""
    seen: dict[str, Any] = {}
    told: list[str] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        seen.update(environ)
        start_response("200 OK", [])
        return [b""]

    plain = path.partition("?")[0].replace("%2F", "/")
    environ = {"PATH_INFO": plain, "RAW_URI": path, "REQUEST_URI": path}
    list(Gate(token, app)(environ, lambda status, headers: told.append(status)))
    return told[0], seen


@pytest.mark.parametrize(
    ("path", "plain", "raw"),
    [
        ("/t0/", "/", "/"),
        ("/t0", "/", "/"),
        ("/t0?policy", "/", "/?policy"),
        ("/t0/bucket/a%2Fb?uploads=", "/bucket/a/b", "/bucket/a%2Fb?uploads="),
        ("/t0/t0/key", "/t0/key", "/t0/key"),
    ],
)
def test_the_application_sees_paths_without_the_token(path: str, plain: str, raw: str) -> None:
    status, seen = _asked("t0", path)
    assert (status, seen["PATH_INFO"], seen["RAW_URI"], seen["REQUEST_URI"]) == ("200 OK", plain, raw, raw)


@pytest.mark.parametrize("path", ["/", "", "/t", "/t00/", "/T0/", "//t0/", "/_sandbox/status", "/bücher/t0/"])
def test_without_the_token_nothing_is_asked(path: str) -> None:
    assert _asked("t0", path) == ("404 Not Found", {})


def test_every_sandbox_has_a_path_of_its_own() -> None:
    assert len({new_token() for _ in range(10)}) == 10


@pytest.mark.parametrize("path", ["/", "/_sandbox/status", "/?Action=DescribeInstances", "/bucket"])
def test_who_does_not_know_the_path_is_told_nothing(endpoint: str, path: str) -> None:
    outside = endpoint.rpartition("/")[0]
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{outside}{path}", timeout=10)
    assert (caught.value.code, caught.value.read()) == (404, b"")
    caught.value.close()
