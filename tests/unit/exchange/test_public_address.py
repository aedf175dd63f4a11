"""The hub calls out to public places only, and to the place that it checked."""

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.partners.public_address import NotPublicError, is_public, public_place

INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1",
    "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001::1",
    "fec0::1", "2001:db8::1",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111"]


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    asked: list[str] = []

    def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(0, 0, 0, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize("address", INSIDE)
def test_a_place_inside_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_public(ipaddress.ip_address(address))
    leads_to(monkeypatch, address)
    with pytest.raises(NotPublicError):
        public_place("https://hook.example/in")


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_place_is_called_at_the_address_that_was_checked(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = leads_to(monkeypatch, address)
    place = public_place("https://hook.example:8443/in?a=1")
    assert (place.ip, place.host, place.port) == (address, "hook.example", 8443)
    shown = f"[{address}]" if ":" in address else address
    assert place.at_ip == f"https://{shown}:8443/in?a=1"
    assert asked == ["hook.example"]


def test_one_address_inside_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leads_to(monkeypatch, OUTSIDE[0], "10.0.0.1")
    with pytest.raises(NotPublicError):
        public_place("https://hook.example/")


@given(st.ip_addresses(v=4))
def test_an_address_is_no_more_public_for_being_written_inside_another(
    address: ipaddress.IPv4Address,
) -> None:
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    assert is_public(mapped) == is_public(address)
    nat64 = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))
    assert not is_public(nat64)


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example/", "ftp://hook.example/", "https://", "https:///x", "hook.example",
        "https://user:word@hook.example/", "https://hook.example/#part", "https://hook.example:0x/",
        "https://hook.example/\n", "https://hook example/", "https://h\u00f6ok.example/",
        "https://hook.example/" + "x" * 500, "file:///etc/passwd", "https://[::1",
    ],
)  # fmt: skip
def test_what_is_no_plain_https_address_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, OUTSIDE[0])
    with pytest.raises(NotPublicError):
        public_place(url)


def test_ones_own_machine_is_a_place_for_tests_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert public_place("http://127.0.0.1:80/in", loopback=True).ip == "127.0.0.1"
    with pytest.raises(NotPublicError):
        public_place("http://127.0.0.1:80/in")
    leads_to(monkeypatch, "127.0.0.1", "10.0.0.1")
    with pytest.raises(NotPublicError):
        public_place("https://hook.example/", loopback=True)
