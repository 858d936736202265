"""Receivers of webhooks: where messages may go, and connections that end in time."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from pipeline.core.errors import SettingsError

__all__ = ["ForbiddenAddress", "require_allowed", "sending"]

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NOWHERE: Final = tuple(
    map(ipaddress.ip_network, ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10",
                               "ff00::/8"))
)  # fmt: skip
"""Networks in which no receiver is: link-local ones, where clouds hand out keys, and those that are no host's."""

_OF_CLOUDS: Final = frozenset(
    map(ipaddress.ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"))
)
"""Addresses outside those at which clouds hand out keys: of Alibaba, Azure, Oracle, Amazon and Google."""

_TRANSLATED: Final = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96")))
"""Networks of IPv6 in which the last 32 bits are an address of IPv4."""


class ForbiddenAddress(SettingsError):
    """A name or an address leads where no message may go."""

    code = "forbidden-address"


def require_allowed(host: str, network: str, *, numeric: bool = False) -> list[str]:
    """Return the addresses of a host.

    Args:
        host: A name or an address in any form that the system takes, such as `127.1`, `0x7f000001` or `[::1]`.
        network: One of the words of `webhook_network`.
        numeric: Whether to look at addresses alone, and to ask nobody for names.

    Returns:
        Addresses as text; none if `numeric` and the host is a name.

    Raises:
        ForbiddenAddress: One of the addresses is not allowed.
        OSError: The name is not known.
    """
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST if numeric else 0
        )
    except socket.gaierror:
        if numeric:
            return []
        raise
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for text in addresses:
        if problem := _refusal(text, network):
            raise ForbiddenAddress(
                f"The webhook's host {host} leads to {text}, {problem}.",
                hint="Name another one, or set webhook_network to allow it.",
            )
    return addresses


def _refusal(text: str, network: str) -> str:
    """Return why an address is not allowed; nothing if it is."""
    if network == "any":
        return ""
    for address in _meant(ipaddress.ip_address(text)):
        if address in _OF_CLOUDS or any(address in one for one in _NOWHERE if one.version == address.version):
            return "where clouds keep keys, or no host is"
        if network == "public" and not address.is_global:
            return "which is not on the internet"
    return ""


def _meant(address: _Address) -> Iterator[_Address]:
    """Yield an address and those of IPv4 to which it leads."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    # The deprecated form ::a.b.c.d has the addresses :: and ::1 in its network, which mean themselves.
    if int(address) > 1 and any(address in one for one in _TRANSLATED):
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    found = [each for each in inner if each is not None]
    yield from found
    # A form of an address of IPv4 is as far away as that.
    if not found:
        yield ipaddress.IPv6Address(int(address))


class _Adapter(HTTPAdapter):  # type: ignore[misc]
    """Sends over guarded connections; a proxy connects by itself, so only what is known of the name is looked at."""

    def __init__(self, network: str, seconds: float) -> None:
        self._network = network
        super().__init__()

        def pool(kind: type, connection: type) -> type:
            guarded = type(connection.__name__, (_Guarded, connection), {"network": network, "seconds": seconds})
            return type(kind.__name__, (kind,), {"ConnectionCls": guarded})

        self.poolmanager.pool_classes_by_scheme = {
            "http": pool(HTTPConnectionPool, HTTPConnection),
            "https": pool(HTTPSConnectionPool, HTTPSConnection),
        }

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        """Send a request to an allowed address."""
        if select_proxy(request.url, named.get("proxies")):
            with suppress(OSError):  # Names may be known to the proxy alone.
                require_allowed(urlsplit(str(request.url)).hostname or "", self._network)
        return super().send(request, *arguments, **named)


class _Guarded:
    """A connection to an allowed address, which ends when it has lasted as long as a receiver may take.

    One that sends a byte now and then never falls silent long enough for the limits of `requests`.
    """

    network: str
    seconds: float
    sock: Any
    _dns_host: str

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._ending = threading.Timer(self.seconds, self._end)
        self._ending.daemon = True
        self._ending.start()

    def close(self) -> None:
        if hasattr(self, "_ending"):
            self._ending.cancel()
        super().close()  # type: ignore[misc]

    def _new_conn(self) -> socket.socket:
        """Connect to one of the addresses that were looked at: asked again, the name might lead elsewhere."""
        name = self._dns_host
        try:
            addresses = require_allowed(name, self.network)
        except OSError:
            return super()._new_conn()  # type: ignore[misc,no-any-return]  # It says so in its own words.
        try:
            while True:
                self._dns_host = addresses.pop(0)
                try:
                    return super()._new_conn()  # type: ignore[misc,no-any-return]
                except NewConnectionError:
                    if not addresses:
                        raise
        finally:
            self._dns_host = name

    def _end(self) -> None:
        with suppress(OSError, AttributeError):  # It may have ended by itself.
            self.sock.shutdown(socket.SHUT_RDWR)


def sending(network: str, seconds: float) -> requests.Session:
    """Return what sends messages to allowed addresses over connections that end in time.

    Args:
        network: One of the words of `webhook_network`.
        seconds: How long a connection may last.
    """
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(network, seconds))
    return session
