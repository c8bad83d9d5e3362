"""Role × operation × lifecycle: who reaches which operation on a record of Professor Keller's, stage by stage.

The operations come from the URLconf and the API's own document, what may happen stands in ``matrix.txt``: one
line an operation, and an operation without a line fails. What the commercial side is answered on the way is
searched for words of Medical.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import get_resolver, resolve

from compliance.policy import Role
from handovers.models import Campaign, Handover
from interactions.models import FollowUp, Interaction, Mismatch
from kols.models import KOL, Consent, Objection, Ownership, Relation, Seat
from msl_crm.access import may_use, rule_of
from products.models import LifecycleEntry, MaterialVersion, PlanItem, Product, Use
from tests.integration.kol_words import HEARD, SECRET
from tests.integration.test_routes import FILL, patterns
from tests.integration.two_worlds import KINDS, operations

pytestmark = pytest.mark.django_db
pytest_plugins = [
    "tests.integration.kol_stage",
    "tests.integration.everybody",
    "tests.integration.material_stage",
    "tests.integration.matrix_stage",
]

ROWS = Path(__file__).with_name("matrix.txt")
STAGES = ("KNOWN", "DUE", "PREPARED", "ASSIGNED", "EFFECTIVE", "SUSPENDED")
EVERYBODY = (*map(str, Role), "another MSL", "another FIELD_SERVICE")
COMMERCE = ("FIELD_SERVICE", "another FIELD_SERVICE", "FIELD_LEAD", "PRODUCT_MANAGER")
OUTSIDE = (*COMMERCE, "REGULATORY", "MARKET_ACCESS", "ADMIN")
CONCERNED = ("MSL", "another MSL", "MSL_LEAD", "COMPLIANCE")
# What the way of a handover can move from one side to the other.
MOVED = {
    KOL, Relation, Ownership, Campaign, Handover, Interaction, FollowUp, Mismatch, Seat, Consent, Objection, Use,
    Product, LifecycleEntry, MaterialVersion, PlanItem,
}  # fmt: skip
# Of these the rights of Medical and of Compliance can change at each stage too.
STEPS = {Relation, Ownership, Campaign, Handover, Use}
# When whose pages about nobody in particular are searched for words that commerce may not read.
SEARCHED = {
    "PREPARED": ("FIELD_SERVICE", "PRODUCT_MANAGER"),
    "EFFECTIVE": ("another FIELD_SERVICE", "FIELD_LEAD"),
}
LEFT_OUT = ("logout", "/admin/", "/account/", "/language/", "/api/schema", "/api/docs", "(", "^", "\\")
CANARIES = (SECRET, HEARD, "Numbat", "Bilby", "Quokka")
NEVER = "-" * len(STAGES)


class Operation(NamedTuple):
    """``kind`` is the model whose id stands in the address; None where none does."""

    name: str
    method: str
    path: str
    kind: type[Any] | None
    rule: Any


# The rows


def rows() -> dict[str, dict[str, str]]:
    """Operation → person → one mark a stage; who is not named never reaches it."""
    found: dict[str, dict[str, str]] = {}
    for line in ROWS.read_text().splitlines():
        if line and not line.startswith("#"):
            operation, _bar, groups = line.partition(" |")
            found[operation] = {}
            for group in filter(None, groups.strip().split("; ")):
                marks, people = group.split(": ")
                found[operation] |= dict.fromkeys(
                    EVERYBODY if people == "everybody" else people.split(", "), marks
                )
    return found


def line_of(operation: str, seen: dict[str, str]) -> str:
    groups = defaultdict(list)
    for person, marks in seen.items():
        if marks.strip("-."):
            groups["always" if not marks.strip("+.") else marks].append(person)
    told = (
        f"{marks}: {'everybody' if len(people) == len(EVERYBODY) else ', '.join(sorted(people))}"
        for marks, people in sorted(groups.items())
    )
    return f"{operation} | {'; '.join(told)}".rstrip()


def may(people: dict[str, str], person: str, stage: str) -> bool:
    """What a row says; at a stage that is not asked, what it says at the one before."""
    marks = people.get(person, NEVER).replace("always", "+" * len(STAGES))
    return marks[: STAGES.index(stage) + 1].replace(".", "")[-1:] == "+"


# The operations


def every_operation() -> Iterator[Operation]:
    documented = set()
    for method, path, _operation in operations():
        bare = re.sub(r"\{[^}]+\}", "{}", path)
        documented.add(bare)
        yield Operation(f"{method} {path}", method, bare, *about(bare))
    for route, pattern in patterns(get_resolver()):
        path = "/" + re.sub(r"<uuid:[^>]+>", "{}", route)
        path = re.sub(r"<(\w+):(\w+)>", lambda m: WORDS.get(m[2], FILL.get(m[1], "x")), path)
        if path in documented or any(mark in path for mark in LEFT_OUT):
            continue
        method = "GET" if "GET" in methods_of(pattern.callback) else "POST"
        name = resolve(path.replace("{}", FILL["uuid"])).view_name
        yield Operation(f"{method} {name}", method, path, *about(path))


WORDS = {"market": "DE", "version": "2026.1", "route": "PV"}


def about(path: str) -> tuple[type[Any] | None, Any]:
    kind = None
    if "{}" in path:
        found = [kind for start, kind in KINDS.items() if path.startswith(start + "{}")]
        assert found, f"{path}: say in two_worlds.KINDS whose id belongs there"
        kind = found[0]
    return kind, rule_of(resolve(path.replace("{}", FILL["uuid"])))


def methods_of(view: Any) -> list[str]:
    """What `require_POST` and its like have noted down; a view without them answers to GET."""
    while view is not None:
        inside = zip(view.__code__.co_freevars, view.__closure__ or (), strict=True) if _plain(view) else ()
        for name, cell in inside:
            if name == "request_method_list":
                return list(cell.cell_contents)
        view = getattr(view, "__wrapped__", None)
    return ["GET"]


def _plain(view: Any) -> bool:
    return hasattr(view, "__code__")


# What happens

MARKS = {404: "-", 403: "!", 409: "!"}
# What has to stand in a body before the record is looked at.
SIGNED = {"password": "correct horse battery"}
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/handovers/{id}/preparation/": {**SIGNED, "previewed": True},
    "POST /api/handovers/{id}/assignment/": {"recipient": "RECIPIENT"},
    "POST /api/handovers/{id}/refusal/": {"reason": "CAPACITY"},
    "POST /api/handovers/{id}/approval/": SIGNED,
    "POST /api/interactions/": {
        "kind": "VISIT",
        "channel": "PHONE",
        "market": "DE",
        "starts_at": "2026-01-05T09:00:00Z",
        "ends_at": "2026-01-05T09:30:00Z",
        "side_effect": False,
        "kols": ["KELLER"],
        "topics": [{"subject": "ADMIN"}],
    },
    "POST /api/follow-ups/": {"what": "Wallaby", "due_on": "2030-01-01", "market": "DE"},
}


class _Undo(Exception):
    pass


def asked(browser: Any, one: Operation, path: str, named: dict[str, Any]) -> tuple[int, str]:
    """Status and body. What is written is undone again; a page that only leads elsewhere is sent as a form."""
    sent = json.dumps(BODIES.get(one.name, {}))
    for word, record in named.items():
        sent = sent.replace(word, str(record.pk))
    kind = "application/json" if one.path.startswith("/api/") else "application/x-www-form-urlencoded"
    try:
        with transaction.atomic():
            if one.method != "GET":
                got = browser.generic(one.method, path, sent if "json" in kind else "", content_type=kind)
            else:
                got = browser.get(path)
                if got.status_code == 302 and one.kind:
                    got = browser.post(path)
            body = b"".join(got.streaming_content) if got.streaming else got.content
            raise _Undo
    except _Undo:
        browser.cookies.pop("messages", None)
    return got.status_code, body.decode(errors="replace")


def is_asked(word: str, kind: Any, name: str) -> bool:
    """At the first stage all; later what a handover moves, of those whose rights it can change."""
    if word == "KNOWN" or kind not in MOVED:
        return word == "KNOWN"
    if name in ("FIELD_SERVICE", "FIELD_LEAD"):
        return True
    if name == "AUDITOR":
        return word == "EFFECTIVE" and kind in STEPS
    insiders = name in CONCERNED or name in COMMERCE
    return insiders if word == "EFFECTIVE" else name in CONCERNED and kind in STEPS


class Walk:
    """Everybody at everything, stage by stage."""

    def __init__(self, stage: Any, people: dict[str, Any], client_of: Any) -> None:
        self.stage, self.people = stage, people
        self.browsers = {name: client_of(person) for name, person in people.items()}
        for browser in self.browsers.values():
            browser.raise_request_exception = False
        self.named = {"RECIPIENT": stage.company.felix, "KELLER": stage.relation.kol}
        self.seen: dict[str, dict[str, str]] = defaultdict(lambda: defaultdict(str))
        self.wrong: list[tuple[str, ...]] = []
        self.never_there: set[str] = set()

    def go(self, word: str) -> None:
        self.stage.go(word)
        for one in every_operation():
            record = self.stage.record(one.kind, one.name.split()[-1]) if one.kind else None
            if one.kind and record is None and one.kind not in (Campaign, Handover):
                self.never_there.add(one.kind.__name__)
            path = one.path.replace("{}", record or str(uuid4()))
            for name, person in self.people.items():
                allowed = may_use(person, one.rule)
                self.seen[one.name][name] += self.mark(word, one, path, name, allowed)
                if one.kind is None and allowed and name in SEARCHED.get(word, ()) and one.method == "GET":
                    self.ask(word, one, path, name)

    def mark(self, word: str, one: Operation, path: str, name: str, allowed: bool) -> str:
        """What may not be used does not exist, and a page about nobody in particular opens for whom it may:
        the walk of routes shows both."""
        if not is_asked(word, one.kind, name):
            return "."
        if not allowed:
            return "-"
        if one.kind is None and (one.method == "GET" or not one.path.startswith("/api/")):
            return "+"
        return MARKS.get(self.ask(word, one, path, name), "+")

    def ask(self, word: str, one: Operation, path: str, name: str) -> int:
        status, body = asked(self.browsers[name], one, path, self.named)
        if status >= 500:
            self.wrong.append((word, name, one.name, str(status)))
        self.wrong += [(word, name, path, canary) for canary in canaries(name, word) if canary in body]
        return status


def canaries(name: str, stage: str) -> tuple[str, ...]:
    """The words that this person may not read at this stage; the expert's very name before it is theirs."""
    if name not in OUTSIDE:
        return (HEARD,) if name == "another MSL" else ()
    from_when = {"FIELD_SERVICE": "ASSIGNED", "FIELD_LEAD": "PREPARED"}.get(name)
    met = from_when is not None and STAGES.index(stage) >= STAGES.index(from_when)
    return CANARIES if met else (*CANARIES, "Keller")


def test_who_reaches_what_at_each_stage(stage, people, client_of):
    walk = Walk(stage, people, client_of)
    for word in STAGES:
        walk.go(word)
    assert walk.never_there == set(), "the stage lacks a record of these kinds"
    seen = {operation: dict(marks) for operation, marks in walk.seen.items()}
    if os.environ.get("CRM_WRITE_MATRIX"):
        head = ROWS.read_text().partition("\n\n")[0]
        ROWS.write_text("\n".join([head, "", *(line_of(one, seen[one]) for one in sorted(seen)), ""]))
    assert walk.wrong == []
    told = {one: line_of(one, people) for one, people in rows().items()}
    unknown = [line_of(one, seen[one]) for one in sorted(seen) if one not in told]
    assert unknown == [], "Each operation needs its line in tests/integration/matrix.txt. Is this who may?"
    assert sorted(set(told) - set(seen)) == [], "There is no such operation any more."
    assert {one: line_of(one, seen[one]) for one in seen if told[one] != line_of(one, seen[one])} == {}


# What the rows themselves may say, whatever the product does


def kinds() -> dict[str, type[Any] | None]:
    return {one.name: one.kind for one in every_operation()}


def test_the_rows_name_every_operation():
    assert {*kinds()} == {*rows()}


# What field service reads of an expert, and of the item it is about.
THEIRS = {
    KOL,
    Handover,
    Campaign,
    Relation,
    Ownership,
    Interaction,
    FollowUp,
    Mismatch,
    Seat,
    Consent,
    Objection,
}


def test_no_row_lets_commerce_at_a_record_before_it_is_handed_over():
    of, wrong = kinds(), []
    for operation, people in rows().items():
        for person in COMMERCE if of[operation] in THEIRS else ():
            first = {"FIELD_SERVICE": "ASSIGNED", "FIELD_LEAD": "PREPARED"}.get(person)
            before = STAGES[: STAGES.index(first)] if first else STAGES
            wrong += [(operation, person, stage) for stage in before if may(people, person, stage)]
    assert wrong == []


def test_no_row_lets_anybody_but_medical_and_oversight_at_what_medical_wrote():
    medical = {"MSL", "another MSL", "MSL_LEAD", "MEDICAL_INFORMATION", "CLINICAL_RESEARCH"}
    of = kinds()
    for operation, people in rows().items():
        if of[operation] in (Interaction, FollowUp, Mismatch, Seat, Consent, Objection, PlanItem):
            assert {*people} <= medical | {"COMPLIANCE", "AUDITOR", "PRIVACY"}, operation


def test_the_rows_of_the_technical_admin_hold_no_business():
    of = kinds()
    for operation, people in rows().items():
        if of[operation] in MOVED or any(word in operation for word in ("reports", "trail", "export")):
            assert "ADMIN" not in people, operation


def test_auditors_reach_what_they_read_and_nothing_they_could_change():
    """R-107: each writing operation of the document, and each page that is only ever sent."""
    for operation, people in rows().items():
        # Her own things, and what is told no on the page it leads back to.
        own = any(word in operation for word in ("accounts:", "jobs:", "/api/notices/", "safety:rebuttal"))
        if not operation.startswith("GET") and not own:
            assert "+" not in people.get("AUDITOR", "-").replace("always", "+"), operation
