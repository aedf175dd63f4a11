"""Where the hub may call out to: https, to an address that everybody on the internet can reach.

A service names its own webhook. Without this check it could let the hub call what only the hub can
reach: its own machine, the network beside it, or a cloud's metadata service (OWASP: SSRF).
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

LONGEST_URL: Final = 500
_HTTPS: Final = 443
_IPV4_INSIDE: Final = ipaddress.ip_network("64:ff9b::/32")  # NAT64, RFC 6052 and RFC 8215
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotPublicError(Exception):
    """An address that the hub does not call; the message says why, and names no address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A checked address: connect to `ip`, and nowhere else, whatever the name says later."""

    url: SplitResult
    host: str
    ip: str
    port: int

    @property
    def at_ip(self) -> str:
        """The URL with the checked address in place of the name."""
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        query = f"?{self.url.query}" if self.url.query else ""
        return f"{self.url.scheme}://{ip}:{self.port}{self.url.path or '/'}{query}"


def public_place(url: str, *, loopback: bool = False) -> Place:
    """Return where a URL leads now, or raise `NotPublicError`.

    Every address that the name has must be public. With `loopback` (demo and tests) one's own
    machine is allowed as well, and plain http there.
    """
    parts, host, port = _read(url)
    found = _resolved(host, port)
    inside = bool(found) and all(one.is_loopback for one in found)
    if loopback and inside:
        return Place(url=parts, host=host, ip=str(found[0]), port=port)
    if parts.scheme != "https":
        raise NotPublicError("use an address that begins with https://")
    if not found:
        raise NotPublicError("this name leads nowhere")
    if not all(is_public(one) for one in found):
        raise NotPublicError("this name does not lead to a public address")
    return Place(url=parts, host=host, ip=str(found[0]), port=port)


def is_public(address: _Address) -> bool:
    """Whether everybody on the internet means the same place by this address."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        # Ways to write an IPv4 address inside an IPv6 one, which a gateway would unpack.
        if address.sixtofour or address.teredo or address in _IPV4_INSIDE or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _read(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise NotPublicError("this is no address") from error
    ascii_only = url.isascii() and url.isprintable() and " " not in url
    if not host or len(url) > LONGEST_URL or not ascii_only:
        raise NotPublicError("this is no address")
    if parts.scheme not in {"https", "http"} or parts.username or parts.fragment:
        raise NotPublicError("use https:// with a host and a path, without a name or a #")
    return parts, host, port or (_HTTPS if parts.scheme == "https" else 80)


def _resolved(host: str, port: int) -> list[_Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
