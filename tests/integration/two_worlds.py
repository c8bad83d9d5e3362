"""Every request of the commercial side, generated; and what each was answered, without what is random in it.

Requests come from the URLconf, from the API's own document (every parameter, every value it names), and from
the links and forms on the pages that were answered. What is added tomorrow is asked tomorrow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

from django.core import mail
from django.db import transaction
from django.urls import Resolver404, get_resolver, resolve
from drf_spectacular.generators import SchemaGenerator

from accounts.acting import acting_as, system
from accounts.factors import FactorReset
from accounts.glass import BreakGlass
from accounts.models import AbsenceCover, ApiToken, Certificate, Market, Notice, Post, Territory, User
from accounts.notices import deliver_due
from calendars.models import Feed, Source, Suggestion
from compliance.models import AuditEntry, Deviation, Finding, Hearing, Measure, PackActivation
from handovers.models import AccountRequest, Campaign, Handover
from imports.models import RegulatorRecord, Upload
from interactions.models import FollowUp, Interaction, Mismatch
from interactions.preclear import Preclearance
from jobs.models import Job
from kols.models import KOL, Consent, Objection, Ownership, Relation, SavedView, Seat
from msl_crm.access import may_use, rule_of
from products.models import LaunchRelease, LifecycleEntry, MaterialVersion, PlanItem, Product, Use
from reviews.models import Draw, Inquiry, Item, Observation
from safety.models import SafetyReport
from safety.reconciliation import Reconciliation
from tests.integration.test_routes import patterns

COMMERCIAL_PEOPLE = ("felix", "frieda", "petra")
RECORDS: tuple[type[Any], ...] = (
    KOL,
    Product,
    Use,
    Relation,
    Campaign,
    Handover,
    Interaction,
    FollowUp,
    SafetyReport,
    Deviation,
)
# By the beginning of the address: whose id belongs there. Any other address is asked with every kind.
KINDS: dict[str, type[Any]] = {
    "/kols/relations/": Relation, "/kols/views/": SavedView, "/kols/seats/": Seat,
    "/kols/consents/": Consent, "/kols/objections/": Objection,
    "/kols/": KOL, "/api/kols/": KOL, "/handovers/campaigns/": Campaign, "/handovers/": Handover,
    "/handovers/account-requests/": AccountRequest, "/products/launches/": LaunchRelease,
    "/api/handovers/": Handover,
    "/interactions/follow-ups/": FollowUp, "/api/follow-ups/": FollowUp, "/interactions/mismatches/": Mismatch,
    "/interactions/left/": Interaction, "/interactions/pre-approval/": Preclearance,
    "/interactions/approvals/x/": Interaction,
    "/interactions/": Interaction, "/api/interactions/": Interaction, "/safety/reconciliation/": Reconciliation,
    "/safety/desks/": Market, "/safety/": SafetyReport,
    "/compliance/trail/of/": KOL,
    "/compliance/trail/": AuditEntry, "/compliance/deviations/": Deviation, "/compliance/measures/": Measure,
    "/compliance/findings/": Finding, "/compliance/hearings/": Hearing, "/reviews/draws/": Draw,
    "/reviews/items/": Item, "/reviews/inquiries/": Inquiry, "/reviews/observations/": Observation,
    "/compliance/rules/proposals/": PackActivation, "/products/uses/": Use, "/api/uses/": Use,
    "/products/entries/": LifecycleEntry, "/products/plan/": PlanItem, "/products/materials/": MaterialVersion,
    "/products/": Product, "/api/products/": Product, "/api/ownerships/": Ownership,
    "/imports/files/": Upload, "/imports/records/": RegulatorRecord, "/jobs/": Job, "/calendar/feeds/": Feed,
    "/calendar/sources/": Source, "/calendar/suggestions/": Suggestion,
    "/people/factors/": FactorReset,
    "/break-glass/": BreakGlass,
    "/people/": User, "/posts/": Post, "/covers/": AbsenceCover, "/certificates/": Certificate, "/profile/tokens/": ApiToken,
    "/organisation/markets/": Market, "/organisation/territories/": Territory, "/notices/": Notice, "/api/notices/": Notice,
}  # fmt: skip
# The library keeps the time of the last visit there; it knows nothing of the business.
LEFT_OUT = ("logout", "/admin/", "/account/", "/static/", "/language/")
WORDS = ("keller", "quokka", "novastat", "MEDICAL")
SEARCHES = ("/search/", "/kols/", "/kols/export/", "/interactions/", "/products/", "/handovers/", "/notices/")
LINK = re.compile(r'(?:href|hx-get|hx-post|action|formaction|data-url)="([^"#]+)"')
RANDOM = (
    (re.compile(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": ?|data-csrf=)"[^"]+"'), b""),
    # Keys of forms that have not been sent yet.
    (re.compile(rb'name="(client_ref|batch|idempotency_key)" value="[^"]+"'), b""),
    # The page says when its reader opened it.
    (re.compile(rb"Opened by [^<]*"), b""),
)
CREATED = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)|\d\d:\d\d")
Ask = tuple[str, str, str]


def ids() -> list[str]:
    with acting_as(system("look")):
        return [
            str(pk) for model in RECORDS for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)
        ]  # fmt: skip


def one_of_each() -> dict[str, list[str]]:
    """By kind: the first and the last of it, and nobody's; under "" one of every kind, and nobody's."""
    with acting_as(system("look")):
        found: dict[str, list[str]] = {"": []}
        kinds: list[type[Any]] = [*RECORDS, *KINDS.values()]
        for model in kinds:
            rows = list(model._default_manager.order_by("pk").values_list("pk", flat=True))
            found[model.__name__] = list(dict.fromkeys(map(str, (*rows[:1], *rows[-1:]))))
            found[""] += found[model.__name__][:1]
    nobody = str(uuid4())
    return {kind: [*dict.fromkeys(pks), nobody] for kind, pks in found.items()}


def for_the(path: str, known: dict[str, list[str]]) -> list[str]:
    """The ids to put into an address: those of the kind that belongs there, else one of every kind."""
    bare = re.sub(r"<[^>]+>|\{[^}]+\}", "{}", path)
    kind = next((kind.__name__ for start, kind in KINDS.items() if bare.startswith(start + "{}")), "")
    return known[kind]


def allowed(person: Any, path: str) -> bool:
    if any(mark in path for mark in LEFT_OUT):
        return False
    try:
        return may_use(person, rule_of(resolve(urlsplit(path).path)))
    except Resolver404:
        return False


def from_urlconf(known: dict[str, list[str]]) -> set[str]:
    """Each route, with ids of the record that belongs there."""
    found = set()
    for route, pattern in patterns(get_resolver()):
        if any(mark in route for mark in "(^\\"):
            continue
        ids_ = for_the(f"/{route}", known) if pattern.pattern.converters else [""]
        found |= {"/" + re.sub(r"<[^>]+>", pk, route) for pk in ids_}
    searches = {f"{path}?{urlencode({'q': word})}" for path in SEARCHES for word in WORDS}
    return (
        found
        | searches
        | {"/kols/?view=unseen&tier=1&since=30", "/interactions/?view=drafts", "/handovers/?state=DUE"}
    )


@cache
def schema() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema()["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield method.upper(), path, operation


def values_of(part: dict[str, Any], known: list[str]) -> list[str]:
    """What to put where a parameter or a field stands, by what the document says of it."""
    if "$ref" in part:
        part = schema()["components"]["schemas"][part["$ref"].rsplit("/", 1)[-1]]
    for several in ("allOf", "oneOf", "anyOf"):
        if several in part:
            return [value for one in part[several] for value in values_of(one, known)]
    if "enum" in part:
        return [str(value) for value in part["enum"] if value not in ("", None)]
    match part.get("format") or part.get("type"):
        case "uuid":
            return known
        case "date":
            return ["2026-01-01"]
        case "date-time":
            return ["2026-01-01T00:00:00Z"]
        case "integer":
            return ["1", "2"]
        case "boolean":
            return ["true", "false"]
        case _:
            return [*WORDS[:2], *known[:2]]


def parameters_of(path: str, operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The query parameters: those of the document, and those the view understands besides."""
    found = {one["name"]: one["schema"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    view = resolve(re.sub(r"\{[^}]+\}", str(uuid4()), path)).func
    for name in getattr(getattr(view, "cls", None), "filters", ()):
        found.setdefault(name, {"type": "string"})
    return found


def from_document(known: dict[str, list[str]]) -> set[str]:
    """Each reading operation, with each parameter at each value, and the first two parameters together."""
    found = set()
    for method, path, operation in operations():
        if method != "GET":
            continue
        places = [re.sub(r"\{[^}]+\}", pk, path) for pk in for_the(path, known)] if "{" in path else [path]
        found |= set(places)
        if "{" in path:
            continue
        asked = {name: values_of(part, known[""]) for name, part in parameters_of(path, operation).items()}
        for name, values in asked.items():
            found |= {f"{path}?{urlencode({name: value})}" for value in values}
        found.add(f"{path}?page_size=1")
        for one, other in zip(asked, [*asked][1:], strict=False):
            found.add(f"{path}?{urlencode({one: asked[one][0], other: asked[other][-1]})}")
    return found


def body_of(operation: dict[str, Any], known: list[str], turn: int) -> str:
    """A body as the document asks for it, with the ids of records in turn."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    reference = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    fields = schema()["components"]["schemas"].get(reference, {}).get("properties", {})
    body: dict[str, Any] = {}
    for name, part in fields.items():
        if part.get("type") == "array":
            inside = values_of(part["items"], known)
            body[name] = [inside[turn % len(inside)]] if part["items"].get("format") == "uuid" else []
        elif not part.get("readOnly"):
            inside = values_of(part, known)
            value: Any = inside[turn % len(inside)]
            body[name] = {"true": True, "false": False}.get(value, value)
    return json.dumps(body)


def writing(person: Any, known: dict[str, list[str]]) -> set[Ask]:
    """Each writing operation of the document and each page as a form, with ids of records and of nobody."""
    found: set[Ask] = set()
    for method, path, operation in operations():
        if method == "GET":
            continue
        for turn, pk in enumerate(for_the(path, known) if "{" in path else known[""][:4]):
            place = re.sub(r"\{[^}]+\}", pk, path)
            if allowed(person, place):
                found.add((method, place, body_of(operation, known[""], turn)))
    for path in from_urlconf(known):
        if allowed(person, path) and not path.startswith("/api/") and "?" not in path:
            found.add(("POST", path, ""))
    return found


def normal(body: bytes) -> bytes:
    for pattern, instead in RANDOM:
        body = pattern.sub(instead, body)
    return body


def answer(browser: Any, path: str, method: str = "GET", body: str = "") -> tuple[int, list[Any], bytes]:
    """Status, headers and bytes, without what is random in each. What is written is undone again."""
    if method == "GET":
        got = browser.get(path)
        said = normal(b"".join(got.streaming_content) if got.streaming else got.content)
    else:
        kind = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
        try:
            with transaction.atomic():
                got = browser.generic(method, path, body, content_type=kind)
                said = CREATED.sub(
                    b"", normal(b"".join(got.streaming_content) if got.streaming else got.content)
                )
                raise _Undo
        except _Undo:
            # What the page would have said next time.
            browser.cookies.pop("messages", None)
    # `Expires` is the second of the answer, on every personal page.
    headers = sorted(
        (name, value) for name, value in got.headers.items() if name not in ("Expires", "Content-Length")
    )
    if method != "GET":
        headers = [(name, CREATED.sub(b"", value.encode()).decode()) for name, value in headers]
    return got.status_code, headers, said


class _Undo(Exception):
    pass


def links(path: str, body: bytes) -> Iterator[str]:
    """Where a page leads, by its links, its forms, and the next page of a list on the wire."""
    text = body.decode(errors="replace")
    if text.startswith("{"):
        found = [value for value in re.findall(r'"(?:next|url)":\s*"([^"]+)"', text) if value]
    else:
        found = [unescape(link) for link in LINK.findall(text)]
    for link in found:
        parts = urlsplit(urljoin(f"http://testserver{path}", link))
        if parts.netloc == "testserver":
            yield parts.path + (f"?{parts.query}" if parts.query else "")


class World:
    """What the commercial people were answered the first time, to be compared with what they are answered later."""

    def __init__(self, people: Iterable[Any], client_of: Any, paths: Iterable[str] | None = None) -> None:
        """Ask for all there is, or for some addresses alone."""
        self.people = {person.given_name: person for person in people}
        self.browsers = {name: client_of(person) for name, person in self.people.items()}
        for browser in self.browsers.values():
            browser.raise_request_exception = False
        self.first: dict[tuple[str, Ask], tuple[int, list[Any], bytes]] = {}
        self.mails = self._mailed()
        known = one_of_each()
        for name, person in self.people.items():
            every = from_urlconf(known) | from_document(known) if paths is None else set(paths)
            self._learn(name, sorted(path for path in every if allowed(person, path)))
            for ask in sorted(writing(person, known)) if paths is None else ():
                self.first[name, ask] = self._ask(name, ask)

    def _learn(self, name: str, paths: list[str]) -> None:
        """Ask for each address and, once, for what the answers lead to."""
        linked: set[str] = set()
        for path in paths:
            got = self.first[name, ("GET", path, "")] = self._ask(name, ("GET", path, ""))
            linked |= set(links(path, got[2])) if got[0] == 200 else set()
        for path in sorted(linked - set(paths)):
            if allowed(self.people[name], path):
                self.first[name, ("GET", path, "")] = self._ask(name, ("GET", path, ""))

    def _ask(self, name: str, ask: Ask) -> tuple[int, list[Any], bytes]:
        return answer(self.browsers[name], ask[1], ask[0], ask[2])

    def _mailed(self) -> list[Any]:
        deliver_due()
        theirs = {person.email for person in self.people.values()}
        return [(one.subject, str(one.body), one.to) for one in mail.outbox if theirs & set(one.to)]

    def differences(self, among: Iterable[tuple[str, Ask]] | None = None) -> list[tuple[str, str, str]]:
        """Who is answered otherwise than the first time, and where; a new mail counts as well."""
        found = [
            (name, ask[0], ask[1]) for name, ask in (self.first if among is None else among)
            if self.first[name, ask] != self._ask(name, ask)
        ]  # fmt: skip
        if self._mailed() != self.mails:
            found.append(("somebody", "a mail", ""))
        with acting_as(system("look")):
            told = Notice.objects.filter(
                person__in=[person.pk for person in self.people.values()], facts__icontains="quokka"
            )
            found += [("somebody", "a notice", row.kind) for row in told]
        return found
