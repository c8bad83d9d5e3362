"""Visits of both sides: introduced once, asked for or refused; two records, linked for oversight (R-060 to R-064)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import QueryDict
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from compliance.models import AuditEntry, Finding
from compliance.policy import Act, Document, Kind, State, Subject
from compliance.policy.joint import apart
from interactions.actions import link_joint_visits, log_interaction
from interactions.facts import Present, Spoken
from interactions.forms import VisitForm
from interactions.models import JointVisit
from interactions.tasks import link_joint_visits as link_by_the_clock
from tests.integration.test_interactions import asked, visit
from tests.integration.test_log_visit import filled, records
from tests.integration.test_preclear import granted
from tests.integration.two_worlds import answer

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


def organisation(by, kol, market, *others, hours=0, days=1):
    """Something practical, told to one expert with these colleagues, some days from now."""
    start = datetime.now(UTC).replace(hour=9, minute=0) + timedelta(days=days, hours=hours)
    kind = Kind.VISIT if by.side == "MEDICAL" else Kind.PRODUCT_CALL
    with acting_as(by, at=start + timedelta(hours=1)):
        return log_interaction(
            by=by, event=visit(market, kind=kind, starts_at=start), topics=[Spoken(subject=Subject.ADMIN)],
            people=[Present(kol=kol, main=True), *(Present(colleague=one) for one in others)], side_effect=False,
        )  # fmt: skip


def introduces(record):
    return Act.from_json(record.act).introduction


def linked():
    with acting_as(system("look")):
        return list(JointVisit.objects.values_list("medical", "field", "overlapping", "before_authorisation"))


def test_soon_after_a_handover_both_introduce_each_other_once(
    handed_over, keller, mara, felix, germany, rules
):
    rules("2026.2")
    first = organisation(mara, keller, germany, felix)
    his = organisation(felix, keller, germany, mara)
    second = organisation(mara, keller, germany, felix, hours=3)

    assert (introduces(first), introduces(his), introduces(second)) == (True, True, False)
    assert (first.missing, second.missing) == ([], ["PRECLEAR", "REQ"])
    assert "LINKED_RECORDS" in first.decision["duties"]
    alone = organisation(mara, keller, germany, hours=5)
    assert (introduces(alone), alone.missing) == (False, [])


def test_nobody_introduces_whom_nothing_was_handed_over_to_or_long_after(
    handed_over, keller, mara, felix, otto, germany, rules
):
    rules("2026.2")
    assert introduces(organisation(mara, keller, germany, felix)) is True
    assert introduces(organisation(mara, keller, germany, otto)) is False
    assert introduces(organisation(mara, keller, germany, felix, days=31)) is False
    assert introduces(organisation(mara, keller, germany, felix, days=29)) is False, "there was one already"


def test_the_experts_own_request_and_pre_approval_allow_it_and_the_request_is_on_the_form(
    handed_over, keller, novastat_hf, mara, felix, clara, germany, client_of
):
    today = timedelta(0)
    granted(mara, clara, germany, kol=keller, use=novastat_hf, at=today, decided=today)
    client = client_of(mara)
    page = client.get(reverse("interactions:new"), {"kol": keller.pk}).content.decode()
    assert "Field service was there too" in page
    assert f'value="{felix.pk}"' in page

    tomorrow = datetime.now(UTC) + timedelta(days=1)
    acts = []
    for words in ("", "Please come together, letter of 3 May"):
        sent = QueryDict(mutable=True)
        told = filled(keller, novastat_hf, at=tomorrow, beside=str(felix.pk), joint_request=words)
        for name, value in told.items():
            sent.setlist(name, value if isinstance(value, list) else [value])
        with acting_as(mara, at=tomorrow + timedelta(hours=1)):
            form = VisitForm(sent, user=mara, kol=keller, kind=Kind.VISIT)
            assert form.is_valid(), form.errors
            record = log_interaction(by=mara, side_effect=False, **form.record_arguments())
            assert [one.colleague for one in record.attendees.filter(colleague__isnull=False)] == [felix]
            acts.append(
                replace(Act.from_json(record.act), pack_versions=(("DE", "2026.2"),), introduction=False)
            )
        assert (record.joint_request, acts[-1].joint_request) == (words, bool(words))
    assert [next(apart(act)).missing for act in acts] == [{Document.REQ}, frozenset()]


def test_while_it_was_not_authorised_both_together_is_refused_and_told_as_a_deviation(
    handed_over, keller, novastat_hf, mara, felix, client_of
):
    """Two hours ago it was not authorised yet."""
    sent = filled(keller, novastat_hf, beside=[str(felix.pk)])
    answer = client_of(mara).post(reverse("interactions:new"), sent)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Medical and field service may not speak together about Novastat" in html
    assert "Report this as a deviation" in html
    assert records() == []


def test_where_nothing_is_with_field_service_nobody_is_offered(relation, keller, mara, client_of):
    page = client_of(mara).get(reverse("interactions:new"), {"kol": keller.pk}).content.decode()

    assert "Field service was there too" not in page


def test_two_records_of_one_visit_are_linked_for_oversight_and_neither_side_sees_the_other(
    handed_over, keller, mara, felix, clara, germany, client_of
):
    hers = organisation(mara, keller, germany, felix)
    his = organisation(felix, keller, germany, mara)
    organisation(felix, keller, germany)
    with acting_as(mara):
        assert link_joint_visits(now()) == 0, "only the product itself looks across"
    link_by_the_clock()
    link_by_the_clock()

    assert linked() == [(hers.pk, his.pk, True, False)]
    page = client_of(clara).get(reverse("interactions:joint_visits")).content.decode()
    assert (reverse("interactions:detail", args=[hers.pk]) in page, f"Field service: {felix}" in page) == (
        True,
        True,
    )
    for who in (mara, felix):
        assert client_of(who).get(reverse("interactions:joint_visits")).status_code == 404
        with acting_as(who):
            assert JointVisit.objects.count() == 0
    assert client_of(felix).get(reverse("interactions:detail", args=[hers.pk])).status_code == 404
    assert client_of(mara).get(reverse("interactions:detail", args=[his.pk])).status_code == 404
    with acting_as(system("look")):
        assert AuditEntry.objects.filter(verb="linked records of visits of both sides").count() == 1


def test_whoever_is_not_named_by_both_or_came_on_another_day_is_not_linked(
    handed_over, keller, mara, felix, germany
):
    organisation(mara, keller, germany, felix)
    organisation(felix, keller, germany)
    link_by_the_clock()

    assert linked() == []


def test_the_rep_is_offered_the_msls_of_the_market_whoever_met_the_expert(
    handed_over, keller, mara, moritz, felix, client_of
):
    address = reverse("interactions:new")
    before = client_of(felix).get(address, {"kol": keller.pk}).content.decode()

    assert "An MSL was there too" in before
    assert (str(mara.pk) in before, str(moritz.pk) in before) == (True, True)


def test_the_wire_takes_who_of_the_other_side_was_there_and_nobody_else(
    handed_over, keller, germany, mara, felix, otto, client_of
):
    """On the page she would be offered Felix alone; hidden and unknown are one answer."""
    start = datetime.now(UTC) - timedelta(hours=2)
    body = {
        "kind": "VISIT", "channel": "IN_PERSON", "market": "DE", "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(minutes=30)).isoformat(), "kols": [str(keller.pk)], "side_effect": False,
        "topics": [{"subject": "ADMIN"}], "joint_request": "Letter of 3 May",
    }  # fmt: skip

    def send(**more):
        return client_of(mara).post("/api/interactions/", body | more, content_type="application/json")

    strange = [send(beside=[str(one)]) for one in (otto.pk, uuid4())]
    assert [one.status_code for one in strange] == [400, 400]
    assert strange[0].content == strange[1].content
    told = send(beside=[str(felix.pk)]).json()
    assert (told["beside"], told["joint_request"]) == ([str(felix.pk)], "Letter of 3 May")
    [record] = records()
    assert Act.from_json(record.act).joint_request is True
    alone = send(starts_at=(start - timedelta(hours=3)).isoformat()).json()
    assert (alone["beside"], alone["joint_request"]) == ([], ""), (
        "the request is kept with the other side only"
    )


def at_once(by, kol, market, spoken, minutes, kind=Kind.VISIT):
    """A record of half an hour that began some minutes after a fixed time of yesterday."""
    start = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=1)
    start += timedelta(minutes=minutes)
    with acting_as(by):
        return log_interaction(
            by=by, event=visit(market, kind=kind, starts_at=start), topics=[spoken], side_effect=False,
            people=[Present(kol=kol, main=True)],
        )  # fmt: skip


@pytest.mark.parametrize(("minutes", "overlaps"), [(20, True), (30, False), (-30, False)])
def test_a_call_that_runs_into_what_is_not_authorised_is_a_finding_for_oversight_alone(
    owned_by_field, keller, novastat, germany, mara, felix, clara, client_of, enter, minutes, overlaps
):
    """R-063: field service leaves before the MSL begins. Neither names the other, and neither is told."""
    his = at_once(felix, keller, germany, Spoken(subject=Subject.ADMIN), 0, Kind.PRODUCT_CALL)
    with acting_as(system("set the stage")):
        gout = novastat.indications.create(name="Gout", label="Gout.")
        early = gout.uses.create(market=germany, created_at=now())
    enter(early, State.SUBMITTED, at=datetime.now(UTC) - timedelta(days=9))
    hers = at_once(mara, keller, germany, asked(early), minutes)
    link_by_the_clock()
    link_by_the_clock()

    assert linked() == ([(hers.pk, his.pk, True, True)] if overlaps else [])
    with acting_as(system("look")):
        told = list(Notice.objects.filter(kind="finding_opened").values_list("person", flat=True))
        about = sorted(Finding.objects.values_list("subject__given_name", "record", "subject_side"))
    both = [("Felix", his.pk, "COMMERCIAL"), ("Mara", hers.pk, "MEDICAL")]
    assert (told, about) == (([clara.pk] * 2, both) if overlaps else ([], []))
    for who in (mara, felix):
        assert client_of(who).get(reverse("interactions:joint_visits")).status_code == 404
        with acting_as(who):
            assert (Finding.objects.count(), Notice.objects.filter(kind="finding_opened").count()) == (0, 0)


# A rep who would learn from his own record that Medical has written one


def everything_of_his(felix, record, keller, client):
    """What he can see of his record: each column with those of the database itself, and each answer."""
    rows = []
    with acting_as(felix), connection.cursor() as cursor:
        for table in ("interaction", "attendee", "topic"):
            cursor.execute(
                f"SELECT xmin::text, xmax::text, ctid::text, t.* FROM interactions_{table} t ORDER BY t.id"
            )
            rows.append(cursor.fetchall())
    pages = [
        "/interactions/", f"/interactions/{record.pk}/", f"/interactions/{record.pk}/edit/", "/interactions/export/",
        "/api/interactions/", f"/api/interactions/{record.pk}/", "/calendar/", "/notices/", "/jobs/",
        f"/kols/{keller.pk}/", "/search/?q=Keller",
    ]  # fmt: skip
    return rows, [answer(client, page) for page in pages]


def withdrawn(client, record):
    status, headers, body = answer(client, f"/interactions/{record.pk}/withdrawal/", "POST")
    return status, str(headers).replace(str(record.pk), ""), body.replace(str(record.pk).encode(), b"")


def removed(felix, record):
    """What the database says to him when he removes his record with all that hangs on it; undone again."""
    with acting_as(felix), connection.cursor() as cursor:
        try:
            with transaction.atomic():
                for table, column in (
                    ("topic", "interaction_id"),
                    ("attendee", "interaction_id"),
                    ("interaction", "id"),
                ):
                    cursor.execute(f"DELETE FROM interactions_{table} WHERE {column} = %s", [record.pk])
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                raise DatabaseError("it is gone")
        except DatabaseError as error:
            return type(error), str(error).replace(str(record.pk), "")
        finally:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.django_db(transaction=True)
def test_a_rep_cannot_tell_from_anything_of_his_that_his_record_was_linked(
    handed_over, keller, mara, felix, germany, client_of
):
    his = organisation(felix, keller, germany, mara)
    other = organisation(felix, keller, germany, mara, days=3)
    client = client_of(felix)
    rows, answers = everything_of_his(felix, his, keller, client)
    assert {status for status, _, _ in answers} == {200}
    hers = organisation(mara, keller, germany, felix)
    with acting_as(system("the clock")):
        assert link_joint_visits(now()) == 1
    assert linked() == [(hers.pk, his.pk, True, False)]

    again, later = everything_of_his(felix, his, keller, client)
    assert again == rows
    assert later == answers
    assert withdrawn(client, his) == withdrawn(client, other)
    assert removed(felix, his) == removed(felix, other)


def test_asked_by_a_rep_the_function_behind_it_finds_nothing_whatever_there_is(
    handed_over, keller, mara, felix, frieda, germany
):
    organisation(felix, keller, germany, mara)
    organisation(mara, keller, germany, felix)
    for person in (felix, frieda, mara):
        with acting_as(person), connection.cursor() as cursor:
            cursor.execute("SELECT crm_link_joint_visits(now() - interval '9 years')")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT count(*) FROM interactions_jointvisit")
            assert cursor.fetchone() == (0,)
    assert linked() == []
