"""Scripts that unpack themselves."""

from __future__ import annotations

import random
import subprocess

import pytest

from hpcctl.packing import packed, unpacked

SCRIPT = """#!/bin/bash
set -eu
cat <<'KEYS'
ssh-ed25519 AAAA $nobody `nothing`
KEYS
echo "$# words; $((1 + 1)) äöü"
exit 3
"""


def test_a_packed_script_does_the_same() -> None:
    plain, small = (
        subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=False)
        for text in (SCRIPT, packed(SCRIPT))
    )
    assert (small.stdout, small.stderr, small.returncode) == (plain.stdout, plain.stderr, 3)
    assert packed(SCRIPT).startswith("#!/bin/bash\n")


def test_long_scripts_become_shorter() -> None:
    script = "#!/bin/bash\n" + "echo the same words again and again\n" * 1000
    assert len(packed(script)) < 1000
    assert packed(script) == packed(script)


def test_what_was_packed_can_be_read_again() -> None:
    noise = random.Random(1).randbytes(5000).hex()
    assert unpacked(packed(SCRIPT + noise)) == SCRIPT + noise


@pytest.mark.parametrize("text", ["", SCRIPT, "<<'PACKED' | gunzip\nAAAA\nPACKED\n"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert unpacked(text) == text
