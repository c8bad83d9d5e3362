"""Fetching a calendar from an address that a person gave us, so that it cannot be turned against our own network.

Encrypted connections alone; every name is resolved once, every address behind it checked, and the connection goes
to the very address that was checked. Redirects pass the same gate. Size and time have an end.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import urljoin, urlsplit

from django.conf import settings

from calendars.models import Source
from calendars.reading import BIGGEST

P = Source.Problem
REDIRECTS = 3
SECONDS = 10.0
AT_ONCE = 64 * 1024
LONGEST_ADDRESS = 2000
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Addresses behind which a gateway of the house may put any address of the old kind.
TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class NotFetched(Exception):
    """Why there is nothing: a code that the page puts into words. Never what the other side said."""

    def __init__(self, problem: Source.Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def fetch(
    address: str, *, allowed: Sequence[str] | None = None, context: ssl.SSLContext | None = None
) -> bytes:
    """The bytes at an https or webcal address. Raises NotFetched.

    `allowed` are networks that may be read although they are not public; the setting `CALENDAR_NETWORKS` names
    them, for a company whose mail server stands in its own house.
    """
    nets = [ipaddress.ip_network(net) for net in (settings.CALENDAR_NETWORKS if allowed is None else allowed)]
    until = time.monotonic() + SECONDS
    for _hop in range(REDIRECTS + 1):
        answer = _ask(address, nets, until, context or ssl.create_default_context())
        if isinstance(answer, bytes):
            return answer
        address = answer
    raise NotFetched(P.REFUSED)


def checked(address: str) -> tuple[str, int, str]:
    """Host, port and path of an address that may be asked at all, before anything is resolved."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port or 443
    except ValueError:
        raise NotFetched(P.ADDRESS) from None
    fine = (
        parts.scheme.lower() in ("https", "webcal", "webcals")
        and parts.hostname
        and len(address) <= LONGEST_ADDRESS
    )
    if not fine or parts.username or parts.password or any(ord(sign) < 33 for sign in address.strip()):
        raise NotFetched(P.ADDRESS)
    path = parts.path or "/"
    return str(parts.hostname), port, f"{path}?{parts.query}" if parts.query else path


def _ask(address: str, nets: Sequence[Network], until: float, context: ssl.SSLContext) -> bytes | str:
    """One request: the body, or the address it redirects to."""
    host, port, path = checked(address)
    try:
        with _connect(host, port, nets, until, context) as wire, _ended(wire, until):
            line = http.client.HTTPConnection(host, port)
            line.sock = wire
            line.request("GET", path, headers={"Accept": "text/calendar", "Accept-Encoding": "identity",
                                               "User-Agent": "msl-crm", "Connection": "close"})  # fmt: skip
            with line.getresponse() as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    return urljoin(address.replace("webcal", "https", 1), answer.headers.get("Location", ""))
                if answer.status != 200:
                    raise NotFetched(P.REFUSED)
                return _body(answer, until)
    except TimeoutError:
        raise NotFetched(P.TOO_SLOW) from None
    except (OSError, http.client.HTTPException, UnicodeError, ValueError):
        raise NotFetched(P.UNREACHABLE if time.monotonic() < until else P.TOO_SLOW) from None


@contextmanager
def _ended(wire: ssl.SSLSocket, until: float) -> Iterator[None]:
    """Hang up when the time is over: whoever sends letter by letter keeps every single wait short."""

    def hang_up() -> None:
        with suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)

    end = threading.Timer(_left(until), hang_up)
    end.daemon = True
    end.start()
    try:
        yield
    finally:
        end.cancel()


def _connect(
    host: str, port: int, nets: Sequence[Network], until: float, context: ssl.SSLContext
) -> ssl.SSLSocket:
    """A connection to an address that was checked; the certificate has to be the name's."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    places = [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]
    if not places or not all(_public(place, nets) for place in places):
        raise NotFetched(P.ADDRESS)
    plain = socket.create_connection((str(places[0]), port), timeout=_left(until))
    try:
        return context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _public(place: Address, nets: Sequence[Network]) -> bool:
    """Whether an address lies on the open internet, or in a network that was allowed."""
    inner = getattr(place, "ipv4_mapped", None) or getattr(place, "sixtofour", None) or place
    if any(place in net for net in TRANSLATED if place.version == 6):
        return False
    if any(inner in net for net in nets if net.version == inner.version):
        return True
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _body(answer: http.client.HTTPResponse, until: float) -> bytes:
    """Read on for as long as there is time and room."""
    body = bytearray()
    while part := answer.read1(AT_ONCE):
        _left(until)
        body += part
        if len(body) > BIGGEST:
            raise NotFetched(P.TOO_BIG)
    _left(until)
    return bytes(body)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise NotFetched(P.TOO_SLOW)
    return left
