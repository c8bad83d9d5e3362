"""Every address says who may use it; everybody else is told that it does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from compliance.grants import OURS
from msl_crm.access import ANYONE_SIGNED_IN, PUBLIC, may_use, rule_of

pytestmark = pytest.mark.django_db

PEOPLE = ("mara", "lena", "felix", "frieda", "petra", "clara", "rita", "sofia", "anton")
FILL = {"uuid": str(uuid4()), "int": "1", "str": "x", "slug": "x", "path": "x"}


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace == "admin":
                continue  # Django's own pages: one namespace, one row, one person
            yield from patterns(pattern, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


def address(route: str, pattern: URLPattern) -> str | None:
    """The route with its arguments filled in; None for one written as a regular expression."""
    if any(mark in route for mark in "(^\\"):
        return None
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        route = route.replace(f"<{kind}:{name}>", FILL[kind]).replace(f"<{name}>", FILL[kind])
    return f"/{route}"


def routes() -> list[str]:
    found = (address(route, pattern) for route, pattern in patterns(get_resolver()))
    return sorted({path for path in found if path is not None})


def test_every_address_says_who_may_use_it():
    silent = []
    for path in routes():
        if rule_of(resolve(path)) is None:
            silent.append(path)
    assert silent == [], "say @allowed(...) on these views, or access = roles(...) on the class"


def test_the_walk_finds_the_pages_of_every_app():
    found = routes()
    for path in ("/", "/kols/", "/products/", "/compliance/trail/", "/notices/", "/handovers/"):
        assert path in found


@pytest.mark.parametrize("name", PEOPLE)
def test_an_address_opens_for_the_roles_it_names_and_does_not_exist_for_others(request, name, client_of):
    person = request.getfixturevalue(name)
    browser = client_of(person)
    wrong = []
    for path in routes():
        rule = rule_of(resolve(path))
        if "logout" in path:
            continue
        status = browser.get(path).status_code
        if not may_use(person, rule):
            fine = status == 404
        elif rule == PUBLIC or FILL["uuid"] in path:
            fine = status in (200, 301, 302, 400, 404, 405, 409)
        else:
            fine = status in (200, 301, 302, 400, 405, 409)
        if not fine:
            wrong.append((path, status))
    assert wrong == []


def test_a_visitor_is_sent_to_sign_in_and_sees_the_public_pages_alone(client, company):
    wrong = []
    for path in routes():
        rule = rule_of(resolve(path))
        status = client.get(path).status_code
        expected = (200, 302, 404, 405) if rule == PUBLIC else (302, 401, 403, 404)
        if status not in expected:
            wrong.append((path, status))
    assert wrong == []


def test_somebody_without_an_appointment_opens_nothing_but_her_own_account(company, client_of):
    from accounts.acting import acting_as, system
    from accounts.models import User

    with acting_as(system("a new account")):
        nora = User.objects.create_user("nora@example.org", "x", given_name="Nora", family_name="Falk")
    browser = client_of(nora)
    opened = []
    for path in routes():
        rule = rule_of(resolve(path))
        if rule not in (PUBLIC, ANYONE_SIGNED_IN) and browser.get(path).status_code != 404:
            opened.append(path)
    assert opened == []
    assert browser.get("/profile/").status_code == 200


def test_an_unknown_address_and_a_forbidden_one_answer_the_same(felix, clara, client_of):
    assert client_of(clara).get("/compliance/trail/").status_code == 200
    browser = client_of(felix)
    forbidden, unknown = browser.get("/compliance/trail/"), browser.get("/compliance/nothing/")
    assert (forbidden.status_code, unknown.status_code) == (404, 404)
    tokens = re.compile(rb'(X-CSRFToken": |data-csrf=)"[^"]+"')
    assert tokens.sub(b"", forbidden.content) == tokens.sub(b"", unknown.content)


def test_no_regulated_record_has_a_page_in_the_technical_admin():
    from django.contrib import admin

    ours = {model._meta.label for model in admin.site._registry if model._meta.app_label in OURS}
    assert ours == {"accounts.User", "accounts.Market", "accounts.Territory"}
