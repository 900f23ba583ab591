import socket

import pytest

from hpcctl.errors import SandboxError
from hpcctl.sandbox.api.addresses import LoopbackAddresses, is_free, private_mac


def test_addresses_are_loopback_and_each_is_given_once() -> None:
    addresses = LoopbackAddresses("00000003", port=2222)
    taken = [addresses.take() for _ in range(300)]
    assert len(set(taken)) == 300
    assert all(address.startswith("127.19.") for address in taken)
    assert not any(address.endswith((".0", ".255")) for address in taken)


def test_two_homes_have_ranges_of_their_own() -> None:
    first, second = LoopbackAddresses("00000001", port=2222), LoopbackAddresses("00000002", port=2222)
    assert first.take().split(".")[1] != second.take().split(".")[1]


def test_an_address_whose_port_is_taken_is_passed_over() -> None:
    with socket.socket() as holder:
        holder.bind(("127.20.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert not is_free("127.20.0.1", port)
        assert LoopbackAddresses("00000004", port=port).take() == "127.20.0.2"


def test_a_port_that_is_taken_everywhere_is_an_error_that_says_so() -> None:
    with socket.socket() as holder:
        holder.bind(("0.0.0.0", 0))
        holder.listen()
        with pytest.raises(SandboxError, match=r"port \d+ is taken"):
            LoopbackAddresses("00000005", port=holder.getsockname()[1]).take()


def test_hardware_addresses_are_locally_administered_unicast() -> None:
    macs = {private_mac() for _ in range(200)}
    assert len(macs) == 200
    assert all(mac.startswith("02:") and len(mac) == 17 for mac in macs)
