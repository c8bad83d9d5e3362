"""Measuring a page: its statements, its time beside the SQL's, its rate, and the growth with the data."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.acting import acting_as
from accounts.models import User
from msl_crm.benchmark.browser import Browser, Call, timed
from msl_crm.benchmark.databases import Size, working_on
from msl_crm.benchmark.pages import Page, Sample, fetch, pages, sample
from msl_crm.benchmark.server import Server, serving
from msl_crm.demo.people import PASSWORD

# Neither the transaction's frame nor who acts in it is a page's own question.
FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO", "SELECT set_config(")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SQL_RUNS = 15


@dataclass(frozen=True)
class Effort:
    """How long and how often to ask: seconds per part of a page, and requests of the one client."""

    seconds: float = 4.0
    wanted: int = 40


@dataclass(frozen=True)
class Result:
    """A page's figures at one size. Times in ms, the rate in requests a second with eight clients.

    `cpu` is what the web server computed for one answer, whatever else the machine did meanwhile.
    """

    page: Page
    statements: int
    median: float
    rate: float
    sql: float
    cpu: float | None = None
    slope: float | None = None

    @property
    def ratio(self) -> float:
        return self.median / self.sql


def results(size: Size, effort: Effort, say: Callable[[str], None]) -> tuple[list[Result], int | None]:
    """Every page at this size, and the peak memory of the web server in MiB."""
    found = []
    with serving(size.database) as server, working_on(size.database, "crm_web"):
        signed_in: dict[str, tuple[Browser, Sample]] = {}
        for page in pages():
            if page.who not in signed_in:
                browser = Browser(server.port)
                browser.sign_in(page.who, PASSWORD)
                signed_in[page.who] = browser, sample(page.who, size.kols)
            browser, facts = signed_in[page.who]
            try:
                found.append(_result(page, browser, facts, effort, server))
                say(f"  {page.name}: {found[-1].median:.1f} ms")
            except RuntimeError as problem:
                say(f"  {page.name}: not measured. {problem}")
        return found, server.peak_memory()


def _result(page: Page, browser: Browser, facts: Sample, effort: Effort, server: Server) -> Result:
    calls = page.calls(facts)
    statements = asked(facts.person, calls[0])
    sql = _sql(page, facts)
    before = server.cpu()
    timing = timed(
        browser, calls, seconds=effort.seconds, wanted=effort.wanted, at_once=page.rate is not None
    )
    after = server.cpu()
    used = 1000 * (after - before) / timing.answers if before is not None and after is not None else None
    return Result(page, statements, timing.median, timing.rate, sql, used)


def asked(person: User, call: Call) -> int:
    """How many statements an answer takes, savepoints and the transaction's own settings left out."""
    client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
    with acting_as(person):
        client.force_login(person, backend=BACKEND)
    _answer(client, call)
    with CaptureQueriesContext(connection) as captured:
        _answer(client, call)
    return sum(not query["sql"].startswith(FRAME) for query in captured.captured_queries)


def _answer(client: Client, call: Call) -> None:
    kind: dict[str, Any] = {"content_type": call.kind} if call.body else {}
    answer = (
        client.post(call.path, call.body or dict(call.form), **kind)
        if call.form or call.body
        else client.get(call.path)
    )
    if answer.streaming:
        for _ in answer.streaming_content:  # type: ignore[attr-defined]
            pass
    if answer.status_code not in call.wanted:
        raise RuntimeError(f"{call.path} answered {answer.status_code}")


def _sql(page: Page, facts: Sample) -> float:
    """The middle time of the hand-written SQL, in ms."""
    waited = []
    for number in range(SQL_RUNS + 2):
        with acting_as(facts.person):
            parameters = page.parameters(facts)
            began = time.perf_counter()
            fetch(page.sql, parameters[number % len(parameters)])
            if not page.writes:
                waited.append(time.perf_counter() - began)
        if page.writes:
            waited.append(time.perf_counter() - began)
    return 1000 * median(waited[2:])


def with_slopes(large: list[Result], small: list[Result]) -> list[Result]:
    """The large company's figures with their growth over the small one's."""
    before = {result.page.name: result.median for result in small}
    return [
        replace(result, slope=result.median / before[result.page.name])
        if result.page.name in before
        else result
        for result in large
    ]
