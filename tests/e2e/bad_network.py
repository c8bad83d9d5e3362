"""A network on loopback that drops, delays, repeats and swallows answers, goes away, and brings new versions."""

from __future__ import annotations

import http.client
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
FAULTS = ("dropped", "delayed", "repeated", "swallowed", "fine")


class Network:
    """What lies between a browser and the product. `there` is whether it answers at all."""

    def __init__(self, target: str, seed: int = 7) -> None:
        self.target = urlsplit(target).netloc
        self.chance = random.Random(seed)
        self.there, self.bad, self.version = True, False, ""
        # Lets the product work and keeps its answer to itself, so that something may happen meanwhile.
        self.hold, self.held = False, threading.Event()
        self.done: Counter[str] = Counter()
        self.deck: list[str] = []
        self.dealing = threading.Lock()
        self.bell = threading.Event()
        self.address = ""

    def fault(self, method: str, path: str) -> str:
        if method != "POST" or not path.startswith("/device/visits/"):
            return "fine"
        if self.hold:
            return "held"
        if not self.bad:
            return "fine"
        with self.dealing:
            if not self.deck:
                self.deck = self.chance.sample(FAULTS, len(FAULTS))
            found = self.deck.pop()
            self.done[found] += 1
        return found

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        line = http.client.HTTPConnection(self.target, timeout=60)
        if path == "/sw.js":
            # Plain words, so that the version in them can be changed.
            headers = {name: value for name, value in headers.items() if name.lower() != "accept-encoding"}
        try:
            line.request(method, path, body or None, headers)
            answer = line.getresponse()
            content = answer.read()
        finally:
            line.close()
        if path == "/sw.js" and self.version:
            # What a deployment changes: another list, so another version of the shell.
            content = content.replace(b'{"version": "', f'{{"version": "{self.version}'.encode())
        return answer.status, answer.getheaders(), content


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: Network

    def handle_any(self) -> None:
        network = self.network
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = network.fault(self.command, self.path) if network.there else "dropped"
        if fault == "dropped":
            return self.hang_up()
        if fault == "delayed":
            network.bell.wait(network.chance.random() / 2)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        try:
            for _ in range(2 if fault == "repeated" else 1):
                status, said, content = network.ask(self.command, self.path, headers, body)
        except OSError:
            return self.hang_up()
        if fault == "held":
            network.held.set()
            network.bell.wait(60)
        if fault in ("held", "swallowed") or not network.there:
            return self.hang_up()
        self.send_response_only(status)
        for name, value in said:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        return None

    do_GET = do_POST = do_HEAD = handle_any  # noqa: N815 - the names the library calls

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *args: Any) -> None:
        """A browser that hung up is no fault of ours."""


@contextmanager
def network(target: str, seed: int = 7) -> Iterator[Network]:
    found = Network(target, seed)
    handler = type("Handler", (_Handler,), {"network": found})
    server = _Server(("127.0.0.1", 0), handler)
    found.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.bell.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
