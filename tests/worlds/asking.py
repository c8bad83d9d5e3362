"""Every question a person can ask of the product, made from the addresses, the API document and the pages.

A question is a method, an address, a body and headers; an answer is a status, headers and bytes. Nothing is left
out of an answer but the cross-site token, and the second of the answer in `Expires`. What would be random (the
ids of new records) is thrown with the same dice in both worlds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from html.parser import HTMLParser
from itertools import product
from random import Random
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import urlencode, urlsplit

from django.core import mail
from django.db import transaction
from django.urls import Resolver404, get_resolver, resolve
from drf_spectacular.generators import SchemaGenerator

from accounts.acting import acting_as, system
from accounts.models import Notice
from accounts.notices import deliver_due
from msl_crm.access import may_use, rule_of
from tests.worlds.hidden import CANARY

# The library keeps the time of the last visit there; it knows nothing of the business. Signing out ends the walk.
LEFT_OUT = ("logout", "/admin/", "/account/")
WORDS = ("", "1", "0", "true", "false", "keller", CANARY, "DE-HH", "Novastat")
TYPED = (
    "/search/?q=keller",
    f"/search/?q={CANARY}",
    "/search/?q=novastat",
    "/kols/?q=keller",
    f"/kols/?q={CANARY}",
    "/kols/?view=unseen&tier=1&since=30",
    "/kols/export/?q=keller",
    "/interactions/?view=drafts",
    "/handovers/?state=DUE",
)


class Question(NamedTuple):
    method: str
    path: str
    body: tuple[tuple[str, str], ...] = ()
    json: str = ""
    fragment: bool = False


class Answer(NamedTuple):
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class _Undone(Exception):
    pass


@contextmanager
def undone() -> Iterator[None]:
    """What happens in the block has not happened after it."""
    with suppress(_Undone), transaction.atomic():
        yield
        raise _Undone


# What there is to ask ------------------------------------------------------------------------------------


def paths() -> list[str]:
    """Every route of the site, as it is written, but for those written as regular expressions: the API's."""
    from tests.integration.test_routes import patterns

    return [
        f"/{route}"
        for route, _ in patterns(get_resolver())
        if not any(mark in route for mark in "(^\\") and not any(mark in f"/{route}" for mark in LEFT_OUT)
    ]


@cache
def document() -> dict[str, Any]:
    """The API as it describes itself."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def words_of(name: str) -> set[str]:
    """The values the document lists for a property of this name, anywhere."""
    found: set[str] = set()
    for schema in document()["components"]["schemas"].values():
        spec = schema.get("properties", {}).get(name, {})
        for part in (spec, *spec.get("allOf", ()), *spec.get("oneOf", ())):
            if "$ref" in part:
                part = document()["components"]["schemas"][part["$ref"].rpartition("/")[2]]
            found |= {str(value) for value in part.get("enum", ())}
    return found


def may_ask(person: Any, path: str) -> bool:
    try:
        return may_use(person, rule_of(resolve(path.partition("?")[0])))
    except Resolver404:
        return False


def with_ids(template: str, ids: Iterable[str]) -> list[str]:
    """A route with each id in the place of its arguments."""
    holes = re.findall(r"<[^>]+>|\{[^}]+\}", template)
    if not holes:
        return [template]
    return [re.sub(r"<[^>]+>|\{[^}]+\}", pk, template) for pk in ids]


def reading(person: Any, ids: Iterable[str]) -> list[Question]:
    """GET of every page and of every resource, with these ids in the address and in each documented filter."""
    ids = list(ids)
    asked = {path for template in paths() for path in with_ids(template, ids)} | set(TYPED)
    for template, operations in document()["paths"].items():
        if "get" not in operations:
            continue
        asked |= set(with_ids(template, ids))
        for spec in operations["get"].get("parameters", ()):
            if spec["in"] == "query" and spec["name"] != "cursor":
                values = {*WORDS, *words_of(spec["name"]), *ids, "200"}
                asked |= {f"{template}?{urlencode({spec['name']: value})}" for value in values}
    return [Question("GET", path) for path in sorted(asked) if may_ask(person, path)]


# What the pages offer ------------------------------------------------------------------------------------


class _Page(HTMLParser):
    """The links of a page, what htmx would fetch, and its forms with what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[tuple[str, bool]] = set()
        self.forms: list[tuple[str, str, list[tuple[str, str]]]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attributes}
        if tag == "a" and got.get("href", "").startswith(("/", "?")):
            self.links.add((got["href"], False))
        if got.get("hx-get", "").startswith(("/", "?")):
            self.links.add((got["hx-get"], True))
        if tag == "form":
            self.forms.append((got.get("method", "get").upper(), got.get("action", ""), []))
        if not self.forms or not got.get("name", self._select):
            return
        fields = self.forms[-1][2]
        if (tag == "input" and got.get("type") != "submit") or tag == "button":
            fields.append((got["name"], got.get("value", "on" if got.get("type") == "checkbox" else "")))
        elif tag == "textarea":
            fields.append((got["name"], "some words"))
        elif tag == "select":
            self._select = got["name"]
        elif tag == "option" and self._select:
            fields.append((self._select, got.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def offered(person: Any, browser: Any, known: Iterable[Question]) -> tuple[set[Question], set[Question]]:
    """What the pages lead to: further questions by links and filters, and the forms to be sent."""
    more: set[Question] = set()
    sent: set[Question] = set()
    for question in known:
        got = browser.get(question.path)
        if got.status_code != 200 or "html" not in got.headers.get("Content-Type", ""):
            continue
        page = _Page()
        page.feed(got.content.decode())
        here = urlsplit(question.path).path
        for href, fragment in page.links:
            path = (here + href if href.startswith("?") else href).partition("#")[0]
            more.add(Question("GET", path, fragment=fragment))
        for method, action, fields in page.forms:
            target = urlsplit(action).path or here
            if method == "POST":
                sent.add(Question("POST", target, tuple(fields)))
            else:
                more |= {Question("GET", f"{target}?{urlencode([pair])}") for pair in fields}
    fine = {each for each in more if may_ask(person, each.path) and not _left_out(each.path)}
    return fine, {each for each in sent if may_ask(person, each.path) and not _left_out(each.path)}


def _left_out(path: str) -> bool:
    return any(mark in path for mark in LEFT_OUT) or path.startswith("/language")


def writing(person: Any, ids: Iterable[str], forms: Iterable[Question]) -> list[Question]:
    """Each form of the pages, and each POST of the API, with each id in each place that takes one."""
    ids, asked = list(ids), set()
    for form in forms:
        asked.add(form)
        names = {name for name, _ in form.body if name not in ("csrfmiddlewaretoken", "client_ref")}
        for pk, name in product(ids, sorted(names)):
            asked.add(form._replace(body=(*(p for p in form.body if p[0] != name), (name, pk))))
    for template in paths():
        asked |= {Question("POST", path) for path in with_ids(template, ids) if "<" in template}
    for template, operations in document()["paths"].items():
        if "post" in operations:
            for path, pk in product(with_ids(template, ids), ids):
                asked.add(Question("POST", path, json=_body(operations["post"], pk)))
    return [each for each in sorted(asked) if may_ask(person, each.path) and not _left_out(each.path)]


def _body(operation: dict[str, Any], pk: str) -> str:
    """A body as the document describes it, with this id wherever an id belongs."""
    import json

    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return json.dumps(_value(content.get("schema", {}), pk))


def _value(schema: dict[str, Any], pk: str) -> Any:
    if "$ref" in schema:
        return _value(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]], pk)
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
        return _value(part, pk)
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type"), schema.get("format"):
        case "object", _:
            return {name: _value(each, pk) for name, each in schema.get("properties", {}).items()}
        case "array", _:
            return [_value(schema["items"], pk)]
        case "string", "uuid":
            return pk
        case "string", "date-time":
            return "2026-06-01T09:00:00Z"
        case "string", "date":
            return "2030-06-01"
        case "string", _:
            return "some words"
        case "integer" | "number", _:
            return 1
        case "boolean", _:
            return False
    return None


# Asking --------------------------------------------------------------------------------------------------

_TOKENS = re.compile(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": ?)"[^"]+"')


def ask(browser: Any, question: Question) -> Answer:
    """The answer, and nothing of it remains: what a question changes is undone."""
    cookies = browser.cookies.copy()
    dice = Random(repr(question))
    headers = {"HX-Request": "true"} if question.fragment else {}
    with undone(), patch("os.urandom", dice.randbytes), patch("random._urandom", dice.randbytes):
        if question.method == "GET":
            got = browser.get(question.path, headers=headers)
        elif question.json:
            got = browser.post(question.path, question.json, content_type="application/json")
        else:
            got = browser.post(
                question.path, urlencode(question.body), content_type="application/x-www-form-urlencoded"
            )
        body = b"".join(got.streaming_content) if got.streaming else got.content
    browser.cookies = cookies
    named = tuple(sorted((name, value) for name, value in got.headers.items() if name != "Expires"))
    return Answer(got.status_code, named, _TOKENS.sub(b"", body))


Asked = dict[tuple[str, Question], Answer]


def answers(browsers: dict[str, Any], questions: dict[str, list[Question]]) -> Asked:
    """By person and question what she was told. A POST counts as asked once where it is not allowed at all."""
    return {(name, each): ask(browsers[name], each) for name in browsers for each in questions[name]}


def differences(one: Asked, other: Asked) -> list[tuple[str, str, str]]:
    return [(name, each.method, each.path) for (name, each), said in one.items() if other[name, each] != said]


def told(people: Iterable[Any]) -> list[tuple[str, ...]]:
    """Each notice and each mail these people have, in words."""
    people = list(people)
    addresses = {person.email for person in people}
    with undone():
        deliver_due()
        mails = [
            (str(each.to), str(each.subject), str(each.body))
            for each in mail.outbox
            if addresses & set(each.to)
        ]
    with acting_as(system("look")):
        notices = Notice.objects.filter(person__in=people).values_list(
            "person__email", "kind", "key", "url", "facts"
        )
        return sorted(mails) + sorted(tuple(map(str, row)) for row in notices)


def randomly(questions: list[Question], dice: Random, most: int) -> list[Question]:
    """All of them, or so many by lot."""
    return questions if len(questions) <= most else sorted(dice.sample(questions, most))


def size(name: str, small: int) -> int:
    """How much of it: small by default; the long run sets the variable."""
    return int(os.environ.get(name, small))
