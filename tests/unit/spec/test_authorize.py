"""The file of keys by user name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcctl.errors import SpecError
from hpcctl.spec.authorize import for_seat, problems_with, read_authorized
from hpcctl.spec.model import Authorized

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1pEVoEBqzBGZ6pMWPUVjDf0fmbfX2TaTjAp1AW1m7M"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINDELCrTYTVh+liK4N/LY1KKgGHUMZxF0NPi/hnSi2zI"
ECDSA = (
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMV5PCLPZ0Yl0KPJ2nVtg2dVMFLYv0vfDlOOVb7n"
    "hHqpnv9G8Tg3yKT2kFDmBnh0mAuVxgP8q5tFqvC7JZ3m3Qw="
)


def test_keys_by_user_in_the_order_of_the_file() -> None:
    text = f"# our seats\n\n  anna {KEY} anna's laptop\nben@2\t{OTHER}\nhpc {KEY}\r\nanna {ECDSA}  at  home\n"
    assert read_authorized(text, "seats.keys") == (
        Authorized(user="anna", public_key=f"{KEY} anna's laptop"),
        Authorized(user="ben@02", public_key=OTHER),
        Authorized(user="hpc", public_key=KEY),
        Authorized(user="anna", public_key=f"{ECDSA} at  home"),
    )


def test_a_seat_gets_the_keys_that_are_for_it() -> None:
    found = read_authorized(f"anna@1 {KEY}\nben@2 {KEY}\nall {OTHER}\n", "f")
    assert [one.user for one in for_seat(found, 1)] == ["anna", "all"]
    assert [one.user for one in for_seat(found, 2)] == ["ben", "all"]
    assert [one.user for one in for_seat(found, None)] == ["all"]


@pytest.mark.parametrize(
    ("line", "what", "part"),
    [
        (f"Anna {KEY}", "cannot be a Linux user", "Anna"),
        (f"root {KEY}", "belongs to the system", "root"),
        (f"anna@0 {KEY}", "is not the number", "@0"),
        (f"anna@x {KEY}", "is not the number", "@x"),
        (f"anna@ {KEY}", "is not the number", "@"),
        ("anna", "there is no key", "anna"),
        ("anna ssh-ed25519", "not one OpenSSH public key", "ssh-ed25519"),
        (KEY, "no user stands before the key", "ssh-ed25519"),
        (f"anna ssh-dss {KEY.split()[1]}", "'ssh-dss' are not accepted", "ssh-dss"),
        (f"anna {KEY[:-8]}", "damaged or cut off", "ssh-ed25519"),
        (f'anna command="x" {KEY}', "are not accepted", 'command="x"'),
        ("anna -----BEGIN OPENSSH PRIVATE KEY-----", "this is a private key", "-----BEGIN"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(line: str, what: str, part: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_authorized(f"ok {OTHER}\n{line}\n", "seats.keys")
    problem = caught.value.problems[0]
    assert what in problem.what
    assert problem.where == "seats.keys:2"
    assert problem.excerpt
    assert problem.excerpt.text == line
    begin = problem.excerpt.column - 1
    assert line[begin : begin + len(part)] == part


def test_all_mistakes_are_told_and_a_key_that_is_there_twice_is_one() -> None:
    text = f"anna {KEY} one\nanna {KEY} two\nBen {KEY}\nanna@3 {KEY}\n"
    with pytest.raises(SpecError) as caught:
        read_authorized(text, "f")
    assert [problem.where for problem in caught.value.problems] == ["f:2", "f:3"]
    assert "line 1" in caught.value.problems[0].what


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_authorized(text, "f")
    except SpecError as error:
        assert all(problem.excerpt for problem in error.problems)
    else:
        assert not found


def test_what_comes_from_a_record_is_checked_again() -> None:
    assert not [*problems_with(Authorized(user="anna", public_key=f"{KEY} laptop"))]
    for user, key in (
        ("anna@02", KEY),
        ("root", KEY),
        ("anna", f"{KEY}\nssh-rsa x"),
        ("anna", f"{KEY} \x1b[0m"),
        ("anna", f"no-pty {KEY}"),
    ):
        assert [*problems_with(Authorized(user=user, public_key=key))], (user, key)


def test_a_file_of_an_editor_of_windows_is_read() -> None:
    (found,) = read_authorized(f"\ufeffanna {KEY}\n", "seats.keys")
    assert found.user == "anna"
