"""A keep-alive client that signs in, and timed runs with one and with eight of them."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import count
from statistics import median
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

CLIENTS = 8
PATIENCE = 60.0
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Call:
    """One request. `form` makes it a POST; `lines` is how many lines of the answer are waited for."""

    path: str
    form: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    kind: str = FORM
    lines: int | None = None

    @property
    def wanted(self) -> tuple[int, ...]:
        """A page, or what follows a form that was taken."""
        return (201, 302) if self.form or self.body else (200,)


@dataclass
class Browser:
    """One connection of one signed-in person."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def sign_in(self, email: str, password: str) -> None:
        """Through the form, as everybody does."""
        url = reverse("account_login")
        self.send(Call(url))
        status, _ = self.send(Call(url, form=(("login", email), ("password", password))))
        if status != http.HTTPStatus.FOUND:
            raise RuntimeError(f"{email} could not sign in: {status}")

    def again(self) -> Browser:
        """Another connection of the same person."""
        return Browser(self.port, dict(self.cookies))

    def send(self, call: Call) -> tuple[int, bytes]:
        """The status and the body, read to the end or to the wanted line."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body: bytes | None = None
        if call.form or call.body:
            token = self.cookies.get(settings.CSRF_COOKIE_NAME, "")
            body = call.body or urlencode([*call.form, ("csrfmiddlewaretoken", token)]).encode()
            headers |= {"Content-Type": call.kind, "X-CSRFToken": token}
        self.line.request("POST" if body else "GET", call.path, body, headers)
        response = self.line.getresponse()
        for value in response.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(value).items()}
        if call.lines is None:
            return response.status, response.read()
        read = [response.readline() for _ in range(call.lines)]
        self.line.close()
        return response.status, b"".join(read)


@dataclass(frozen=True)
class Timing:
    """What one client waited (ms, the middle one), answers a second for all of them, and answers in all."""

    median: float
    rate: float
    answers: int


def timed(
    browser: Browser, calls: Sequence[Call], *, seconds: float, wanted: int, at_once: bool = True
) -> Timing:
    """One client after warming up, then eight; each part ends after so many seconds or requests.

    Raises RuntimeError when an answer is neither a page nor the redirect after a form.
    """
    numbers = count()
    browser.line.close()  # the server has hung up on it meanwhile; the next request opens it anew
    for _ in range(min(3, len(calls))):
        _ask(browser, calls[next(numbers) % len(calls)])
    waited: list[float] = []
    until = time.monotonic() + seconds
    while len(waited) < wanted and (time.monotonic() < until or len(waited) < 3):
        began = time.perf_counter()
        _ask(browser, calls[next(numbers) % len(calls)])
        waited.append(time.perf_counter() - began)
    rate = _together(browser, calls, numbers, seconds) if at_once else 0.0
    return Timing(1000 * median(waited), rate, next(numbers))


def _ask(browser: Browser, call: Call) -> None:
    status, body = browser.send(call)
    if status not in call.wanted:
        raise RuntimeError(f"{call.path} answered {status}: {body[-600:].decode(errors='replace')}")


def _together(browser: Browser, calls: Sequence[Call], numbers: count[int], seconds: float) -> float:
    done, problems = [0] * CLIENTS, []
    lock = threading.Lock()
    until = time.monotonic() + seconds

    def work(place: int) -> None:
        mine = browser.again()
        try:
            while time.monotonic() < until:
                with lock:
                    number = next(numbers)
                _ask(mine, calls[number % len(calls)])
                done[place] += 1
        except (OSError, RuntimeError, http.client.HTTPException) as problem:
            problems.append(problem)
        finally:
            mine.line.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(place,)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise RuntimeError(f"{len(problems)} of {CLIENTS} clients failed: {problems[0]}")
    return sum(done) / (time.perf_counter() - began)
