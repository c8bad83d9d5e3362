"""An administrator reads nothing of the business; under break-glass for minutes, by two people, and all in the trail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.glass_actions import ask_glass, decide_glass, end_glass
from accounts.models import BreakGlass, Notice, User
from compliance.models import AuditEntry
from compliance.policy import Refused, Role, Side
from interactions.models import Interaction
from tests.integration.test_routes import FILL, routes

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


def opened(anton, clara, **more):
    with acting_as(anton):
        glass = ask_glass("A record is lost", minutes=30, by=anton, **more)
    with acting_as(clara):
        return decide_glass(glass, grant=True, by=clara)


def seen_by(person) -> tuple[str, int]:
    with acting_as(person) as acting:
        return str(acting.role), Interaction.objects.count()


def told(person) -> list[str]:
    with acting_as(person):
        return sorted(
            Notice.objects.filter(person=person, kind__startswith="glass").values_list("kind", flat=True)
        )


def test_without_it_an_administrator_reads_no_table_of_the_business(anton, visit):
    from django.apps import apps

    from compliance.grants import OURS

    own = {"accounts", "imports"}
    with acting_as(anton):
        found = {}
        for label in OURS:
            for model in apps.get_app_config(label).get_models(include_auto_created=True):
                if label in own or not guarded(model._meta.db_table):
                    continue
                found[model._meta.db_table] = model._default_manager.count()
    # Which rules hold in a market is no secret, and names neither a person nor a record.
    assert {table for table, rows in found.items() if rows} <= {"compliance_packactivation"}
    assert len(found) > 30


def guarded(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity FROM pg_class WHERE relname = %s", [table])
        row = cursor.fetchone()
    return bool(row and row[0])


def test_no_page_shows_an_administrator_a_record_an_expert_or_the_trail(anton, visit, keller, client_of):
    browser = client_of(anton)
    for path in routes():
        if "logout" in path or FILL["uuid"] in path:
            continue
        page = browser.get(path)
        if page.status_code == 200 and not page.streaming:
            assert (path, b"Keller" in page.content) == (path, False)
    for path in (
        f"/kols/{keller.pk}/",
        f"/interactions/{visit.pk}/",
        "/compliance/trail/",
        "/kols/",
    ):
        assert browser.get(path).status_code == 404


def test_two_people_open_it_and_she_reads_as_an_auditor_until_it_ends(anton, clara, mara, visit, client_of):
    assert seen_by(anton) == (Role.ADMIN, 0)
    glass = opened(anton, clara, concerning=mara)

    assert seen_by(anton) == (Role.AUDITOR, 1)
    browser = client_of(anton)
    page = browser.get(f"/interactions/{visit.pk}/?x=1")
    assert "You read under break-glass" in page.text
    assert browser.get("/people/").status_code == 404
    with acting_as(system("look")):
        entry = AuditEntry.objects.get(
            verb="read under break-glass", subject_words=f"/interactions/{visit.pk}/"
        )
        assert (entry.actor, entry.facts["query"], entry.facts["glass"]) == (
            str(anton.pk),
            "x=1",
            str(glass.pk),
        )
    assert told(mara) == ["glass_on_you"]
    assert told(clara) == ["glass_asked"]

    browser.post(f"/break-glass/{glass.pk}/end/")
    assert seen_by(anton) == (Role.ADMIN, 0)
    assert browser.get(f"/interactions/{visit.pk}/").status_code == 404


def test_it_ends_by_itself_at_its_minute(anton, clara, visit, as_owner):
    opened(anton, clara)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE crm_web")
    with acting_as(system("look")):
        at = now()
    for later, role in ((timedelta(minutes=29), Role.AUDITOR), (timedelta(minutes=31), Role.ADMIN)):
        with acting_as(anton, at=at + later) as acting:
            assert (acting.role, Interaction.objects.count()) == (role, int(role is Role.AUDITOR))


def test_whom_it_concerns_is_not_told_only_with_a_reason_and_the_trail_keeps_it(anton, clara, mara):
    opened(anton, clara, concerning=mara, untold_because="Investigation 7")
    assert told(mara) == []
    with acting_as(system("look")):
        assert AuditEntry.objects.get(verb="opened break-glass").facts["untold_because"] == "Investigation 7"


def test_nobody_opens_it_alone_and_no_other_role_asks(anton, clara, mara, felix):
    with acting_as(anton):
        glass = ask_glass("A record is lost", minutes=30, by=anton)
        with pytest.raises(Refused, match="waits"):
            ask_glass("Again", minutes=30, by=anton)
        with pytest.raises(Refused):
            decide_glass(glass, grant=True, by=anton)
    for person in (mara, felix, clara):
        with acting_as(person), pytest.raises(Refused):
            ask_glass("Curious", minutes=30, by=person)
    with acting_as(clara):
        decide_glass(glass, grant=False, by=clara)
        with pytest.raises(Refused, match="decided"):
            decide_glass(glass, grant=True, by=clara)
    assert seen_by(anton) == (Role.ADMIN, 0)
    with acting_as(anton), pytest.raises(Refused):
        end_glass(glass, by=anton)


def test_the_database_refuses_it_outside_of_the_box(anton, clara, felix):
    def fails(change) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()

    with acting_as(felix):
        fails(lambda: BreakGlass.objects.create(person=felix, reason="x", minutes=30, asked_at=now()))
    with acting_as(anton):
        fails(lambda: BreakGlass.objects.create(person=clara, reason="x", minutes=30, asked_at=now()))
        fails(lambda: BreakGlass.objects.create(person=anton, reason="x", minutes=500, asked_at=now()))
        glass = ask_glass("A record is lost", minutes=30, by=anton)
        box = DateTimeTZRange(now(), now() + timedelta(minutes=30))
        rows = BreakGlass.objects.filter(pk=glass.pk)
        fails(lambda: rows.update(granted=True, decided_by=clara, decided_at=now(), during=box))
    with acting_as(clara):
        longer = DateTimeTZRange(now(), now() + timedelta(hours=9))
        fails(lambda: rows.update(granted=True, decided_by=clara, decided_at=now(), during=longer))
        decide_glass(glass, grant=True, by=clara)
        fails(lambda: rows.update(during=longer))
        fails(lambda: rows.update(minutes=120))
        end_glass(glass, by=clara)
        fails(lambda: rows.update(ended_at=None))
    with acting_as(felix):
        assert BreakGlass.objects.count() == 0
    assert User.objects.get(pk=anton.pk).side != Side.OVERSIGHT


def test_asked_on_the_page_and_opened_on_the_page(anton, clara, client_of):
    asked = client_of(anton).post("/break-glass/", {"reason": "A record is lost", "minutes": "15"})
    assert asked.status_code == 302
    with acting_as(clara):
        glass = BreakGlass.objects.get()
    assert "A record is lost" in client_of(clara).get("/break-glass/").text
    client_of(clara).post(f"/break-glass/{glass.pk}/decision/", {"grant": "yes"})
    assert seen_by(anton)[0] == Role.AUDITOR
    client_of(clara).post(f"/break-glass/{glass.pk}/end/")
    assert seen_by(anton)[0] == Role.ADMIN
