"""Scripts that would be too long for user data: text that unpacks itself, the same bytes every time."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib

from hpcctl.templating import render_template

_PACKED = re.compile(r"<<'PACKED' \| gunzip\n(?P<text>[A-Za-z0-9+/=\n]+)\nPACKED\n")


def packed(script: str) -> str:
    """A script that does what ``script`` does. Still a script, which is what a machine runs by itself."""
    return render_template("node/packed.sh.j2", packed=compressed(script.encode()))


def unpacked(text: str) -> str:
    """The script that was packed; any other text as it is."""
    found = _PACKED.search(text)
    if not found:
        return text
    try:
        return gzip.decompress(base64.b64decode(found["text"])).decode()
    except (OSError, EOFError, zlib.error, binascii.Error, UnicodeDecodeError):
        return text


def compressed(data: bytes) -> str:
    """In lines of text; gzip without a date."""
    return base64.encodebytes(gzip.compress(data, compresslevel=9, mtime=0)).decode().strip()
