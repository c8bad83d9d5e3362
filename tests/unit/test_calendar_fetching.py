"""Fetching a calendar, from a real server with a certificate of its own: redirects, size, time, and whose name it is."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from calendars import fetching
from calendars.fetching import NotFetched, fetch
from calendars.reading import BIGGEST

HERE = ["127.0.0.0/8"]
CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
Answer = Callable[[ssl.SSLSocket, str], None]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def serve(certificate: Path) -> Iterator[Callable[[Answer], str]]:
    """A server that answers each request as told; its address."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    listening: list[socket.socket] = []

    def serve(answer: Answer) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def run() -> None:
            while True:
                try:
                    plain, _peer = server.accept()
                except OSError:
                    return
                with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as line:
                    answer(line, line.recv(65536).decode())

        threading.Thread(target=run, daemon=True).start()
        return f"https://localhost:{server.getsockname()[1]}"

    yield serve
    for server in listening:
        server.close()


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def said(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def problem_of(address: str, context: ssl.SSLContext, allowed: list[str] | None = None) -> str:
    with pytest.raises(NotFetched) as failed:
        fetch(address, allowed=HERE if allowed is None else allowed, context=context)
    return str(failed.value.problem)


def test_a_calendar_is_fetched_by_https_and_webcal(serve, trusting):
    asked: list[str] = []

    def answer(line, request):
        asked.append(request)
        line.sendall(said(CALENDAR))

    address = serve(answer)

    assert fetch(f"{address}/a.ics?key=1", allowed=HERE, context=trusting) == CALENDAR
    assert fetch(f"webcal{address.removeprefix('https')}/a.ics", allowed=HERE, context=trusting) == CALENDAR
    assert asked[0].startswith("GET /a.ics?key=1 HTTP/1.1\r\nHost: localhost:")
    assert "Cookie" not in asked[0]


def test_a_house_that_was_not_allowed_is_not_asked_at_all(serve, trusting):
    asked: list[str] = []
    address = serve(lambda line, request: asked.append(request))

    assert problem_of(f"{address}/a.ics", trusting, allowed=[]) == "ADDRESS"
    assert asked == []


def test_a_stranger_with_another_certificate_is_not_read(serve):
    address = serve(lambda line, request: line.sendall(said(CALENDAR)))

    assert problem_of(f"{address}/a.ics", ssl.create_default_context()) == "UNREACHABLE"


def test_a_certificate_of_another_name_is_not_enough(serve, trusting):
    address = serve(lambda line, request: line.sendall(said(CALENDAR)))

    assert problem_of(address.replace("localhost", "127.0.0.1") + "/a.ics", trusting) == "UNREACHABLE"


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("http://localhost/a.ics", "ADDRESS"), ("file:///etc/passwd", "ADDRESS"),
        ("https://10.0.0.1/a.ics", "ADDRESS"), ("https://169.254.169.254/latest/meta-data/", "ADDRESS"),
        ("https://[::1]/a.ics", "ADDRESS"), ("", "REFUSED"), ("/again", "REFUSED"),
    ],
)  # fmt: skip
def test_a_redirect_passes_the_same_gate(serve, trusting, target, problem):
    count = [0]

    def answer(line, request):
        count[0] += 1
        line.sendall(said(b"", "302 Found", Location=target))

    assert problem_of(f"{serve(answer)}/a.ics", trusting) == problem
    assert count[0] <= fetching.REDIRECTS + 1


def test_an_honest_redirect_is_followed(serve, trusting):
    def answer(line, request):
        old = request.startswith("GET /old")
        line.sendall(said(b"", "301 Moved", Location="/new") if old else said(CALENDAR))

    assert fetch(f"{serve(answer)}/old", allowed=HERE, context=trusting) == CALENDAR


def flood(line, _request):
    line.sendall(said(b""))
    for _ in range(2 * BIGGEST // 65536):
        line.sendall(b"x" * 65536)


def drip(start: bytes) -> Answer:
    """One byte every so often, which keeps every single wait short."""

    def answer(line, _request):
        line.sendall(start)
        for _ in range(200):
            line.sendall(b"x")
            threading.Event().wait(0.05)

    return answer


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (flood, "TOO_BIG"), (drip(said(b"")), "TOO_SLOW"), (drip(b"HTTP/1.1 200 OK\r\nX-Y: "), "TOO_SLOW"),
        (lambda line, request: threading.Event().wait(2), "TOO_SLOW"),
        (lambda line, request: line.sendall(b"\x00\xff\x00"), "UNREACHABLE"),
        (lambda line, request: line.sendall(said(b"secret", "403 Forbidden")), "REFUSED"),
        (lambda line, request: None, "UNREACHABLE"),
    ],
)  # fmt: skip
def test_size_and_time_have_an_end(serve, trusting, monkeypatch, answer, problem):
    monkeypatch.setattr(fetching, "SECONDS", 1.0)
    address = serve(answer)
    began = time.monotonic()

    assert problem_of(f"{address}/a.ics", trusting) == problem
    assert time.monotonic() - began < 8


def test_nobody_at_home_is_told_as_that(trusting):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert problem_of(f"https://localhost:{port}/a.ics", trusting) == "UNREACHABLE"
    assert problem_of("https://does-not-exist.invalid/a.ics", trusting) == "UNREACHABLE"
