"""The way in on loopback: only for those who know the path. Everybody else on this machine is told nothing."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from hpcctl.sandbox.api.http import Application

_RAW = ("RAW_URI", "REQUEST_URI")
"""The path as it came, for those who need it undecoded."""


def new_token() -> str:
    """A name that nobody guesses, good in a path."""
    return secrets.token_hex(16)


class Gate:
    """A WSGI application that takes ``/TOKEN`` off every path before ``app`` sees it, and answers 404 without it."""

    def __init__(self, token: str, app: Application) -> None:
        self._token = token.encode()
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        first, slash, rest = environ["PATH_INFO"].removeprefix("/").partition("/")
        if not hmac.compare_digest(first.encode(), self._token):
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        raw = {name: _without_first(environ[name]) for name in _RAW if name in environ}
        return self._app({**environ, **raw, "PATH_INFO": f"/{rest}" if slash else "/"}, start_response)


def _without_first(raw: str) -> str:
    path, mark, query = raw.partition("?")
    return f"/{path.removeprefix('/').partition('/')[2]}{mark}{query}"
