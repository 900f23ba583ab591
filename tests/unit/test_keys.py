"""New keys are what OpenSSH understands, and do not show themselves."""

import subprocess
from pathlib import Path

from hpcctl.keys import new_key


def test_new_key_when_openssh_reads_it_then_the_halves_match(tmp_path: Path) -> None:
    pair = new_key("demo-head")
    path = tmp_path / "key"
    path.write_text(pair.private)
    path.chmod(0o600)
    public = subprocess.run(["ssh-keygen", "-y", "-f", str(path)], capture_output=True, text=True, check=True)
    assert public.stdout.split()[:2] == pair.public.split()[:2]
    assert pair.public.endswith(" demo-head")


def test_repr_when_a_pair_is_shown_then_the_private_half_is_not() -> None:
    pair = new_key("x")
    assert "PRIVATE" in pair.private
    assert "PRIVATE" not in repr(pair)


def test_new_key_when_called_twice_then_the_keys_differ() -> None:
    assert new_key("x").private != new_key("x").private
