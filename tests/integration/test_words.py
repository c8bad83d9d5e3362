"""Words in free text: marked while somebody types and on saving, kept with a reason, drawn by Compliance (R-098)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Market
from compliance.models import AuditEntry, Deviation
from compliance.packs import open_with
from compliance.policy import Act, Refused
from imports.models import Adoption, RegulatorRecord, Snapshot
from interactions.actions import amend_interaction, log_interaction, plan_interaction
from interactions.facts import Present
from interactions.models import FollowUp, Interaction, WordMark
from interactions.words import Written, levels_in, of_act
from products.models import Product, Use
from safety.models import SafetyReport
from tests.integration.test_interactions import asked, log, visit
from tests.integration.test_log_visit import filled, records

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

PATIENT = "My patient Mr Brown, 61, lies in room 4."
BORN = "DOB 14/02/1949, doing well."


def marks():
    with acting_as(system("look")):
        return [
            (m.field, m.kind, m.code, m.level, m.kept_because) for m in WordMark.objects.order_by("start")
        ]


@pytest.fixture
def ostelan(company, novastat_hf):
    """Another product of ours in the same market, which the visit does not name."""
    with acting_as(system("set the stage")):
        other = Product.objects.create(brand="Ostelan", code_names=["NL-5518"], created_at=now())
        indication = other.indications.create(name="Osteoporosis", label="Osteoporosis.")
        Use.objects.create(indication=indication, market=company.germany, created_at=now())
    return other


def typed(client, keller, use, **more):
    return client.post(reverse("interactions:words"), filled(keller, use, **more), HTTP_HX_REQUEST="true")


# While somebody types ------------------------------------------------------------------------------------------


def test_what_stands_out_is_marked_while_she_types_and_nothing_is_kept(
    relation, keller, novastat_hf, ostelan, mara, client_of
):
    answer = typed(client_of(mara), keller, novastat_hf, note="He also asked about Ostelan. " + BORN)

    html = answer.content.decode()
    assert answer.status_code == 200
    assert "<mark>Ostelan</mark>" in html
    assert "Choose it as a topic, or leave it out." in html
    assert "<mark>DOB 14/02/1949</mark>" in html
    assert ('name="words_reason"' in html, "needs a reason" in html, "must go" in html) == (True, True, True)
    assert (records(), marks()) == ([], [])


def test_the_form_listens_to_its_texts_and_a_quiet_text_shows_nothing(
    relation, keller, novastat_hf, mara, client_of
):
    client = client_of(mara)
    page = client.get(reverse("interactions:new"), {"kol": keller.pk}).content.decode()
    quiet = typed(client, keller, novastat_hf).content.decode()

    assert page.count(f'hx-post="{reverse("interactions:words")}"') == 4
    assert 'id="words" aria-live="polite"' in page
    assert "<mark>" not in quiet
    assert "words_reason" not in quiet


def test_a_topic_that_is_declared_may_be_named_and_its_brand_is_a_hint_before_the_day(
    relation, keller, novastat_hf, ostelan, mara, client_of
):
    html = typed(client_of(mara), keller, novastat_hf, note="LX-204, which is Novastat.").content.decode()

    assert html.count("<mark>") == 1
    assert "A brand name before authorisation." in html
    assert "words_reason" not in html


def test_a_doctors_own_words_are_no_promotion_of_ours(relation, keller, novastat_hf, mara, client_of):
    block, praise = f"use-{novastat_hf.pk}", "It is the best there is."
    client = client_of(mara)

    assert "<mark>" in typed(client, keller, novastat_hf, **{f"{block}-shared": praise}).content.decode()
    assert "<mark>" not in typed(client, keller, novastat_hf, **{f"{block}-heard": praise}).content.decode()


# On saving ------------------------------------------------------------------------------------------------------


def test_without_a_reason_the_entry_is_saved_and_lacks_it_and_with_one_it_is_complete(
    relation, keller, novastat_hf, mara, client_of
):
    client = client_of(mara)
    answer = client.post(reverse("interactions:new"), filled(keller, novastat_hf, note=PATIENT))
    [record] = records()
    assert (answer.status_code, record.missing) == (302, ["WORDS"])
    detail = client.get(answer.url).content.decode()
    assert "Reason for the words that stay" in detail
    assert "<mark>Mr Brown, 61</mark>" in detail

    edit = reverse("interactions:edit", args=[record.pk])
    assert 'name="words_reason"' in client.get(edit).content.decode()
    why = "Her own case report, published."
    client.post(edit, filled(keller, novastat_hf, note=PATIENT, version="1", words_reason=why))

    [record] = records()
    assert (record.missing, "SAMPLED" in record.decision["duties"]) == ([], True)
    assert marks() == [
        ("NOTE", "PATIENT", "name", "explain", why),
        ("NOTE", "PATIENT", "room", "explain", why),
    ]
    assert why in client.get(reverse("interactions:detail", args=[record.pk])).content.decode()


def test_a_date_of_birth_is_not_saved_and_the_page_shows_what_must_go(
    relation, keller, novastat_hf, mara, client_of
):
    answer = client_of(mara).post(
        reverse("interactions:new"), filled(keller, novastat_hf, note=BORN, words_reason="I want it")
    )

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "The text can tell who a patient is" in html
    assert "<mark>DOB 14/02/1949</mark>" in html
    assert "Report this as a deviation" not in html
    assert records() == []
    with acting_as(system("look")):
        [line] = AuditEntry.objects.filter(refused=True)
        told = f"{line.subject_words} {line.facts} {line.act} {line.decision}"
    assert line.rules == ["R-098"]
    assert "1949" not in told


def test_a_side_effect_is_reported_though_the_text_must_go(relation, keller, novastat_hf, mara, client_of):
    told = {"side_effect": "yes", "se-what_happened": "Dizzy"}
    client_of(mara).post(reverse("interactions:new"), filled(keller, novastat_hf, note=BORN, **told))

    with acting_as(system("look")):
        assert SafetyReport.objects.count() == 1
    assert records() == []


def test_an_edit_that_takes_the_words_out_takes_the_marks_out(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara):
        event = visit(germany)
        record = log(mara, keller, event, asked(novastat_hf), note=PATIENT, words_reason="Published")
        assert len(marks()) == 2
        people = [Present(kol=keller, main=True)]
        kept = amend_interaction(
            record, by=mara, event=event, topics=[asked(novastat_hf)], people=people, version=1
        )
        assert (kept.missing, {mark[-1] for mark in marks()}) == ([], {"Published"})
        amend_interaction(
            record,
            by=mara,
            event=event,
            topics=[asked(novastat_hf)],
            people=people,
            version=2,
            note="In pain.",
        )

    assert marks() == []


def test_a_market_weighs_words_by_the_rules_in_force_there(relation, keller, novastat_hf, mara, germany):
    """In the United Kingdom a brand before authorisation wants its reason, once the second version holds."""
    with acting_as(system("set the stage")):
        britain = Market.objects.create(code="UK", name="United Kingdom", zone="Europe/London", calendar="GB")
        open_with(britain, "2026.2", now() - timedelta(days=1))
        assert [dict(pack) for pack in levels_in(britain, now())] == [{"BRAND": "explain"}]
        assert (levels_in(britain, now() - timedelta(days=2)), levels_in(germany, now())) == ([], [{}])

    with acting_as(mara):
        topic, people = asked(novastat_hf), [Present(kol=keller, main=True)]
        record = log(mara, keller, visit(germany), topic, note="About Novastat.")
        act = Act.from_json(record.act)
        british = replace(act, pack_versions=(("UK", "2026.2"),))
        written = Written(note="About Novastat.")
        levels = [
            [one.mark.level for one in of_act(mara, each, [topic], people, written)]
            for each in (act, british)
        ]

    assert (record.missing, levels) == ([], [["hint"], ["explain"]])


def test_field_service_hears_nothing_of_a_product_before_its_day(
    handed_over, keller, novastat_hf, ostelan, mara, felix, client_of
):
    note = {"kind": "PRODUCT_CALL", "note": f"Ostelan, NL-5518. {PATIENT}"}
    for_medical = typed(client_of(mara), keller, novastat_hf, note=note["note"]).content.decode()
    for_field = typed(client_of(felix), keller, novastat_hf, **note).content.decode()

    assert "<mark>Ostelan</mark>" in for_medical
    assert "<mark>NL-5518</mark>" in for_medical
    assert "Ostelan</mark>" not in for_field
    assert "NL-5518</mark>" not in for_field
    assert "<mark>Mr Brown, 61</mark>" in for_field


def test_the_medicines_of_others_are_known_from_the_regulators_tables(
    relation, keller, novastat_hf, novastat, mara, rita, client_of
):
    with acting_as(system("set the stage")):
        snapshot = Snapshot.objects.create(
            source="EMA", layout="x", taken_on=date(2026, 1, 1), filename="x", sha256="1" * 64, imported_by=rita,
            imported_at=now(),
        )  # fmt: skip
        facts = {"source": "EMA", "snapshot": snapshot, "row": 1, "mapped": {}, "payload": {}}
        RegulatorRecord.objects.create(key="1", name="Eliquis", inn="apixaban", **facts)
        RegulatorRecord.objects.create(key="2", name="Velkira", inn="velkirasib", **facts)
        RegulatorRecord.objects.create(key="3", name="Xarelto", latest=False, **facts)
        Adoption.objects.create(source="EMA", key="2", product=novastat, by=rita, at=now())
    html = typed(
        client_of(mara), keller, novastat_hf, note="Apixaban, Eliquis, Velkira, Xarelto"
    ).content.decode()

    assert html.count("<mark>") == 2
    assert "<mark>Eliquis</mark>" in html
    assert "A medicine that is no topic of this entry." in html


# What Compliance draws from -------------------------------------------------------------------------------------


def test_compliance_sees_which_words_stayed_and_why_and_nobody_else_does(
    relation, keller, novastat_hf, mara, clara, lena, felix, germany, client_of
):
    with acting_as(mara):
        log(mara, keller, visit(germany), asked(novastat_hf), note=PATIENT, words_reason="Published case")
        log(mara, keller, visit(germany), asked(novastat_hf), note="About Novastat.")
    address = reverse("interactions:kept_words")
    page = client_of(clara).get(address).content.decode()

    assert page.count("Published case") == 2
    assert "Looks like a patient&#x27;s name. Leave it out." in page
    assert "Mr Brown" not in page
    assert "A brand name" not in page
    assert [client_of(who).get(address).status_code for who in (felix, mara, lena)] == [404, 404, 404]
    with acting_as(system("look")):
        assert AuditEntry.objects.filter(verb="read the words that stayed", actor=str(clara.pk)).exists()


def test_the_database_keeps_no_mark_on_words_that_must_go(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf))
        row = {"field": "NOTE", "start": 0, "end": 3, "kind": "PATIENT", "code": "birth", "at": now()}
        WordMark.objects.create(interaction=record, level="explain", **row)
        with pytest.raises(IntegrityError, match="words_that_must_go_are_not_kept"), transaction.atomic():
            WordMark.objects.create(interaction=record, level="block", **row)


def test_an_entry_without_text_asks_nothing_more_of_the_database(
    relation, keller, novastat_hf, mara, germany, statements
):
    silent = replace(asked(novastat_hf), documents={})
    with acting_as(mara):
        with statements() as asked_for:
            log(mara, keller, visit(germany), silent)
        without = len(asked_for)
        with statements() as asked_for:
            log(mara, keller, visit(germany), silent, note="Nothing special.")

    assert len(asked_for) - without == 2


def test_the_action_itself_refuses_what_must_go(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara), pytest.raises(Refused, match="who a patient is"):
        log_interaction(
            by=mara, event=visit(germany), topics=[asked(novastat_hf)], people=[Present(kol=keller)],
            side_effect=False, note=BORN,
        )  # fmt: skip
    assert not Interaction.objects.exists()


# Texts beside a record --------------------------------------------------------------------------------------------


def follow(client, what, reason=""):
    return client.post(
        reverse("interactions:follow_ups"), {"what": what, "due_on": "2031-03-04", "words_reason": reason}
    )


def test_a_follow_up_is_read_like_a_record(relation, novastat_hf, mara, client_of):
    """A product may be named in it; a patient stays with a reason, a date of birth not at all."""
    client = client_of(mara)
    assert follow(client, "Send the Novastat reprint").status_code == 302
    asked_why = follow(client, PATIENT)
    assert (asked_why.status_code, "Why it stays" in asked_why.text, "Mr Brown" in asked_why.text) == (
        422,
        True,
        True,
    )
    assert follow(client, BORN, "Needed").status_code == 422
    assert follow(client, PATIENT, "She will ask him first").status_code == 302
    with acting_as(mara):
        assert sorted(FollowUp.objects.values_list("what", flat=True)) == [
            PATIENT,
            "Send the Novastat reprint",
        ]
    with acting_as(system("read the trail")):
        entry = AuditEntry.objects.filter(verb="will follow up").latest("sequence")
        refused = AuditEntry.objects.filter(verb="was refused to follow up").values_list("facts", flat=True)
    assert (entry.facts["kinds"], entry.facts["words_reason"]) == (["PATIENT"], "She will ask him first")
    assert "Brown" not in str(list(refused)), "what is refused stands in no trail"


def test_a_plans_title_is_read(relation, keller, novastat_hf, mara, germany):
    ahead = visit(germany, starts_at=datetime.now(UTC) + timedelta(days=2))
    people = [Present(kol=keller, main=True)]
    with acting_as(mara):
        for title, reason in ((BORN, "Needed"), (PATIENT, "")):
            with pytest.raises(Refused) as refusal:
                plan_interaction(by=mara, event=ahead, people=people, title=title, words_reason=reason)
            assert refusal.value.decision.rules == ("R-098",)
        plan_interaction(by=mara, event=ahead, people=people, title=PATIENT, words_reason="He agreed")
        plain = plan_interaction(by=mara, event=ahead, people=people, title="Novastat reprint")
    assert {(one[0], one[4]) for one in marks()} == {("TITLE", "He agreed")}
    assert plain.title == "Novastat reprint"


def test_a_question_that_tells_of_a_patient_is_passed_on_with_a_reason(
    owned_by_field, keller, novastat_hf, felix, client_of
):
    client, page = client_of(felix), reverse("interactions:question")
    sent = {"kol": keller.pk, "question": PATIENT}
    first = client.post(page, sent)
    assert (first.status_code, "Why it stays" in first.text) == (422, True)
    with acting_as(felix):
        assert Interaction.objects.filter(kind="INQUIRY").count() == 0
    assert client.post(page, sent | {"words_reason": "The doctor wrote it so"}).status_code == 302
    with acting_as(felix):
        assert Interaction.objects.get(kind="INQUIRY").missing == []


def test_a_deviations_words_are_shown_once_more_and_never_refused(
    relation, keller, novastat_hf, mara, felix, client_of, owned_by_field
):
    """What happened can always be told: with a reason even what would have to go elsewhere."""
    sent = filled(
        keller,
        novastat_hf,
        beside=[str(felix.pk)],
        at=datetime.now(UTC) - timedelta(days=60),
        late_reason="Ill",
    )
    sent |= {"deviation": "1", "deviation_words": BORN}
    first = client_of(mara).post(reverse("interactions:new"), sent)
    with acting_as(mara):
        told = Deviation.objects.count()
    assert (first.status_code, "14/02/1949" in first.text, told) == (409, True, 0)
    client_of(mara).post(reverse("interactions:new"), sent | {"words_reason": "It is what was said"})
    with acting_as(mara):
        assert Deviation.objects.get().words == BORN
