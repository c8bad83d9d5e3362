"""Where a report goes, how it gets there, who is told when nobody takes it, and what is forgotten afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.acting import acting_as, system
from accounts.models import Notice
from compliance.models import AuditEntry, RowChange
from compliance.policy import Refused, State
from safety import e2b
from safety.actions import acknowledge, report_side_effect, set_desk
from safety.desks import Desk, Route, desk_for
from safety.escalating import escalate_due
from safety.mailing import NO_DESK, mail_due
from safety.models import SafetyReport
from safety.purging import purge_due
from tests.integration.e2b_schema import faults, read

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 8, 9, tzinfo=UTC)


@pytest.fixture
def desks(company):
    with acting_as(company.anton):
        for route, name in ((Route.PV, "pv"), (Route.SPONSOR, "sponsor")):
            set_desk(
                company.germany, route, by=company.anton, name=name, mailbox=f"{name}@example.org",
                lead=company.sofia if route == Route.PV else None,
            )  # fmt: skip


@pytest.fixture
def told(company):
    """Felix reports, as of an instant or now."""

    def told(at=None, **facts):
        with acting_as(company.felix, at=at):
            facts = {"what_happened": "A rash", "market": company.germany, **facts}
            return report_side_effect(by=company.felix, **facts)

    return told


def look(model=SafetyReport):
    with acting_as(system("look")):
        return list(model.objects.all())


# Where it goes


@pytest.mark.parametrize(
    ("states", "route"),
    [
        ([], Route.SPONSOR),
        ([State.AUTHORISED], Route.PV),
        ([State.AUTHORISED, State.SUSPENDED], Route.PV),
        ([State.EMERGENCY], Route.PV),
        ([State.REFUSED], Route.SPONSOR),
    ],
)
def test_the_desk_follows_from_where_the_product_stood_when_it_was_learned(
    novastat_hf, enter, told, states, route
):
    for days, state in enumerate(states):
        enter(novastat_hf, state, at=MONDAY + timedelta(days=days))

    for words in ("Novastat", "two tablets of NOVASTATIN", "LX204"):
        assert told(product_words=words).route == route


def test_before_its_authorisation_it_went_to_the_sponsor(novastat_hf, authorise, told):
    authorise(novastat_hf)
    assert told(product_words="Novastat", learned_at=now_() - timedelta(days=3)).route == Route.SPONSOR


def now_():
    return datetime.now(UTC)


def test_another_companys_product_is_written_down_and_goes_to_nobody(
    company, desks, novastat_hf, told, client_of
):
    report = told(product_words="Eliquis", other_company=True, pointed_to="HOLDER")
    ours = told(product_words="Novastat", other_company=True)

    assert (report.route, report.mail_after, report.pointed_to) == (Route.OTHER_COMPANY, None, "HOLDER")
    assert ours.route == Route.SPONSOR
    assert mail_due() == 1
    with acting_as(company.sofia):
        assert Notice.objects.filter(person=company.sofia).count() == 1
        waiting = [row.pk for row in SafetyReport.objects.waiting()]
    assert waiting == [ours.pk]
    page = client_of(company.sofia).get(reverse("safety:list")).content.decode()
    assert (str(ours.pk) in page, str(report.pk) in page) == (True, False)


def test_a_reporter_says_afterwards_where_she_pointed_and_why_it_was_late(
    company, told, client_of, felix, mara
):
    report = told(product_words="Eliquis", other_company=True, learned_at=now_() - timedelta(days=4))
    address = reverse("safety:completion", args=[report.pk])
    assert "Still to say" in client_of(felix).get(reverse("safety:detail", args=[report.pk])).content.decode()

    assert client_of(mara).post(address, {"late_reason": "x"}).status_code == 404
    client_of(felix).post(address, {"late_reason": "On leave", "pointed_to": "BOTH"})
    client_of(felix).post(address, {"late_reason": "Another", "pointed_to": "HOLDER"})

    [row] = look()
    assert (row.late, row.late_reason, row.pointed_to) == (True, "On leave", "BOTH")


def test_desks_are_data_of_the_organisation(company, desks, client_of, anton, felix, sofia):
    address = reverse("safety:desk", args=[company.switzerland.pk, "PV"])
    data = {"name": "Basel", "mailbox": "basel@example.org", "encrypted": "on", "lead": str(sofia.pk)}
    assert client_of(felix).get(reverse("safety:desks")).status_code == 404
    assert client_of(anton).post(address, data).status_code == 302
    assert "basel@example.org" in client_of(anton).get(reverse("safety:desks")).content.decode()

    with acting_as(system("look")):
        assert desk_for(company.switzerland, Route.SPONSOR).name == "Basel"
        assert desk_for(company.germany, Route.SPONSOR).name == "sponsor"
    with acting_as(anton), pytest.raises(Refused):
        set_desk(company.germany, Route.PV, by=anton, name="x", mailbox="x@example.org", lead=felix)
    with acting_as(felix), pytest.raises(Refused):
        set_desk(company.germany, Route.PV, by=felix, name="x", mailbox="x@example.org")
    with acting_as(system("look")), pytest.raises(DatabaseError), transaction.atomic():
        Desk.objects.create(
            market=company.germany, route=Route.OTHER_COMPANY, name="x", mailbox="x@example.org"
        )


def test_field_service_is_not_told_which_desk(company, desks, novastat_hf, told, client_of):
    report = told(product_words="Novastat")
    address = reverse("safety:detail", args=[report.pk])

    assert "investigational" in client_of(company.sofia).get(address).content.decode()
    page = client_of(company.felix).get(address).content.decode()
    assert "Novastat" in page
    assert [word for word in ("investigational", "sponsor", "pharmacovigilance") if word in page] == []


# How it gets there


def test_a_mail_says_that_something_waits_and_carries_no_word_of_it(desks, told):
    report = told(what_happened="Quokka", product_words="Wombat")
    assert mail_due() == 1
    assert mail_due() == 0

    [letter] = mail.outbox
    text = f"{letter.subject} {letter.body} {letter.extra_headers}"
    assert (letter.to, letter.attachments) == (["pv@example.org"], [])
    assert report.number in text
    assert f"/safety/{report.pk}/" in text
    assert ("Quokka" in text, "Wombat" in text) == (False, False)


def test_on_an_encrypted_way_the_report_itself_is_mailed(company, desks, told):
    with acting_as(company.anton):
        set_desk(
            company.germany, Route.PV, by=company.anton, name="pv", mailbox="pv@example.org", encrypted=True
        )
    told(what_happened="Quokka")
    mail_due()

    [(name, content, kind)] = mail.outbox[0].attachments
    assert (name.endswith(".xml"), kind, "Quokka" in content, "Quokka" in mail.outbox[0].body) == (
        True, "application/xml", True, False,
    )  # fmt: skip


class Killed(BaseException):
    """The worker dies here."""


class DiesAfterSending(EmailBackend):
    def send_messages(self, messages):
        super().send_messages(messages)
        raise Killed


class LosesTheLine(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionError("gone")


def test_killed_between_sending_and_marking_it_is_sent_again_under_the_same_id(desks, told, settings):
    told()
    settings.EMAIL_BACKEND = f"{__name__}.DiesAfterSending"
    with pytest.raises(Killed), transaction.atomic():
        mail_due()
    assert look()[0].mailed_at is None

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mail_due() == 1
    first, second = (letter.extra_headers["Message-ID"] for letter in mail.outbox)
    assert first == second
    assert look()[0].mailed_at is not None


def test_what_could_not_be_mailed_says_why_and_is_tried_again_later(
    company, desks, told, settings, client_of, as_owner
):
    told(at=MONDAY)
    settings.EMAIL_BACKEND = f"{__name__}.LosesTheLine"
    with acting_as(system("clock"), at=MONDAY):
        assert mail_due() == 0
    [row] = look()
    assert (row.mail_problem, row.mail_attempts, row.mail_after > MONDAY) == ("ConnectionError", 1, True)
    page = client_of(company.sofia).get(reverse("safety:detail", args=[row.pk])).content.decode()
    assert "ConnectionError" in page

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with acting_as(system("clock"), at=MONDAY + timedelta(minutes=1)):
        assert mail_due() == 0
    with acting_as(system("clock"), at=MONDAY + timedelta(minutes=5)):
        assert mail_due() == 1
    assert look()[0].mail_problem == ""


def test_without_a_desk_it_waits_and_is_mailed_once_there_is_one(company, told, as_owner):
    told(at=MONDAY)
    with acting_as(system("clock"), at=MONDAY):
        mail_due()
    assert look()[0].mail_problem == NO_DESK
    with acting_as(company.anton, at=MONDAY):
        set_desk(company.germany, Route.PV, by=company.anton, name="pv", mailbox="pv@example.org")
    with acting_as(system("clock"), at=MONDAY + timedelta(hours=2)):
        assert mail_due() == 1


# The file


HARD = "<b>&\"'</b> ]]> \x0b\x1f\ud800 Müller 🤢 \ufffe"


def test_the_file_is_well_formed_and_keeps_to_its_schema(company, novastat_hf, told):
    with acting_as(company.felix):
        whole = report_side_effect(
            by=company.felix, what_happened=HARD.replace("\ud800", ""), product_words="Novastat <1>", patient="f, 64",
            who_told="A & B", may_call_back=True, market=company.germany,
        )  # fmt: skip
        bare = report_side_effect(by=company.felix, what_happened="")
    for report in (whole, bare):
        document = e2b.document(report)
        assert faults(read(document)) == []
    root = read(e2b.document(whole))
    name = f"{{{e2b.NAMESPACE}}}"
    assert root.find(f"{name}narrative").text.startswith("<b>&\"'</b> ]]>")
    assert root.find(f"{name}drug/{name}standing").text == "investigational"
    assert read(e2b.document(bare)).find(f"{name}narrative").get("nullFlavor") == "NI"


def test_the_schema_finds_what_is_wrong(company, told):
    document = e2b.document(told()).decode()
    for wrong in (
        document.replace("<narrative ", "<story ").replace("</narrative>", "</story>"),
        document.replace(">1<", ">9<"),
        document.replace("</patient>", "<x/></patient>"),
        document.replace("+0000", ""),
    ):
        assert wrong != document
        assert faults(read(wrong)) != []


def test_only_safety_takes_the_file_and_that_is_on_record(company, told, client_of):
    report = told()
    address = reverse("safety:file", args=[report.pk])
    assert client_of(company.felix).get(address).status_code == 404
    assert client_of(company.clara).get(address).status_code == 404
    answer = client_of(company.sofia).get(address)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
    with acting_as(system("look")):
        assert AuditEntry.objects.filter(verb="exported", subject_id=report.pk).count() == 1


def test_the_page_documents_every_element_of_the_file():
    page = (Path(settings.BASE_DIR) / "docs" / "safety.md").read_text(encoding="utf-8")
    schema = (Path(settings.BASE_DIR) / "safety" / "e2b_like.xsd").read_text(encoding="utf-8")
    names = [each.get("name") for each in read(schema).iter("{http://www.w3.org/2001/XMLSchema}element")]

    assert len(names) > 15
    assert [name for name in names if f"`{name}`" not in page] == []


# Nobody takes it


def told_people(kind="side_effect_waits"):
    with acting_as(system("look")):
        return [
            notice.person.given_name for notice in Notice.objects.filter(kind=kind).order_by("created_at")
        ]


def test_after_a_business_day_the_lead_is_told_and_after_another_compliance(company, desks, told, as_owner):
    friday = datetime(2026, 6, 12, 15, tzinfo=UTC)
    told(at=friday)

    for at, people in (
        (friday + timedelta(days=3), []),  # Monday, still its business day
        (datetime(2026, 6, 15, 22, 30, tzinfo=UTC), ["Sofia"]),  # Tuesday begins in Berlin
        (datetime(2026, 6, 16, 21, tzinfo=UTC), ["Sofia"]),
        (datetime(2026, 6, 16, 22, 30, tzinfo=UTC), ["Sofia", "Clara"]),
        (datetime(2026, 6, 30, tzinfo=UTC), ["Sofia", "Clara"]),
    ):
        with acting_as(system("clock"), at=at):
            escalate_due()
        assert (at, told_people()) == (at, people)


def test_a_night_without_workers_is_caught_up_and_an_acknowledged_report_wakes_nobody(
    company, desks, told, as_owner
):
    first, second = told(at=MONDAY), told(at=MONDAY)
    with acting_as(company.sofia, at=MONDAY + timedelta(hours=1)):
        acknowledge(first, case_id="C-1", by=company.sofia)
    with acting_as(system("clock"), at=MONDAY + timedelta(days=9)):
        assert (escalate_due(), escalate_due()) == (2, 0)
    with acting_as(system("look")):
        assert {notice.facts["number"] for notice in Notice.objects.filter(kind="side_effect_waits")} == {
            second.number
        }


# What is forgotten


def words_everywhere(*words):
    """Every table with a row that holds one of these words, whatever the column."""
    found = []
    with acting_as(system("look")), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT 1 FROM "{table}" t WHERE t::text ILIKE ANY(%s) LIMIT 1', [[f"%{w}%" for w in words]]
            )
            if cursor.fetchone():
                found.append(table)
    return found


SECRET = ("quokka", "wombat", "numbat", "bilby")


def test_thirty_days_after_the_acknowledgement_no_word_of_it_is_anywhere(
    company, desks, relation, keller, client_of, as_owner
):
    with acting_as(company.mara, at=MONDAY):
        report = report_side_effect(
            by=company.mara, what_happened="A quokka", product_words="Wombat", patient="numbat, 64", who_told="Bilby",
            kol=keller, market=company.germany, client_ref=relation.pk,
        )  # fmt: skip
    with acting_as(system("clock"), at=MONDAY):
        mail_due()
    with acting_as(company.sofia, at=MONDAY):
        client_of(company.sofia).get(reverse("safety:detail", args=[report.pk]))
        client_of(company.sofia).get(reverse("safety:file", args=[report.pk]))
        acknowledge(report, case_id="C-1", by=company.sofia)
    assert words_everywhere(*SECRET) == ["safety_clinical"]

    with acting_as(system("clock"), at=MONDAY + timedelta(days=29)):
        assert purge_due() == 0
    with acting_as(system("clock"), at=MONDAY + timedelta(days=31)):
        assert (purge_due(), purge_due()) == (1, 0)

    assert words_everywhere(*SECRET) == []
    [row] = look()
    assert (row.case_id, row.said, row.purged_at is not None) == ("C-1", {}, True)
    page = client_of(company.mara).get(reverse("safety:detail", args=[report.pk]))
    assert (page.status_code, "C-1" in page.content.decode()) == (200, True)
    assert client_of(company.sofia).get(reverse("safety:file", args=[report.pk])).status_code == 404
    with acting_as(system("look")):
        assert AuditEntry.objects.get(verb="purged what was said in").facts == {"case_id": "C-1"}
        last = RowChange.objects.filter(table="safety_clinical").latest("sequence")
        assert (last.operation, "content" in json.dumps(last.before)) == ("DELETE", False)


def test_nothing_is_purged_that_nobody_has_acknowledged(company, told, as_owner):
    report = told(at=MONDAY)
    with acting_as(system("clock"), at=MONDAY + timedelta(days=400)):
        assert purge_due() == 0
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT crm_purge_report(%s)", [report.pk])
    with acting_as(company.sofia, at=MONDAY + timedelta(days=1)):
        acknowledge(report, case_id="C-1", by=company.sofia)
    with (
        acting_as(company.sofia, at=MONDAY + timedelta(days=99)),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT crm_purge_report(%s)", [report.pk])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE safety_safetyreport SET learned_at = learned_at + interval '1 day'",
        "UPDATE safety_safetyreport SET due_at = due_at + interval '1 day'",
        "UPDATE safety_safetyreport SET route = 'OTHER_COMPANY'",
        "UPDATE safety_safetyreport SET case_id = 'C-2'",
        "UPDATE safety_safetyreport SET acknowledged_at = NULL, acknowledged_by_id = NULL",
        "UPDATE safety_clinical SET content = '{}'",
        "DELETE FROM safety_clinical",
        "DELETE FROM safety_safetyreport",
    ],
)
def test_what_was_reported_is_kept_as_it_was(company, told, sofia, statement):
    report = told()
    with acting_as(sofia):
        acknowledge(report, case_id="C-1", by=sofia)
    with (
        acting_as(system("try")),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
