"""A sample can be drawn again by anybody, is never changed, and is reviewed by somebody who has no part in it."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Post
from compliance.findings import Finding
from compliance.policy import Refused, State
from interactions.models import Change, Interaction, JointVisit, Topic, ValueGiven, WordMark
from reviews import drawing
from reviews.actions import answer_inquiry, decide, draw_sample, extend_sample
from reviews.models import Draw, Inquiry, Item
from tests.conftest import EVER
from tests.integration.review_words import AT, QUARTER, WEDNESDAY, entry
from tests.integration.test_two_locks import as_guard

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.review_stage"]


def reasons(draw) -> dict[str, set[str]]:
    with acting_as(system("look")):
        return {str(item.interaction_id or item.deviation_id): set(item.reasons) for item in draw.items.all()}


def draw_again(germany, clara):
    since, until = QUARTER
    with acting_as(clara):
        return draw_sample(germany, since=since, until=until, by=clara)


def test_a_stranger_draws_it_again_from_what_is_kept(sample, clara):
    with acting_as(clara):
        kept = Draw.objects.get(pk=sample.pk)
        found = [(str(i.interaction_id), i.reasons) for i in kept.items.order_by("position")]
    text = json.dumps(kept.frame, separators=(",", ":"), ensure_ascii=False)
    assert sha256(text.encode()).hexdigest() == kept.frame_sha256
    frame = [drawing.Entry.from_json(one) for one in json.loads(text)]
    drawn = drawing.draw(
        frame, kept.seed, drawing.Rates(percent=kept.percent, at_least=kept.at_least), kept.algorithm
    )
    assert [(pk, list(why)) for pk, why in drawn.items()] == found
    assert (kept.frame_size, len(found)) == (20, 6)


def test_the_frame_holds_what_was_entered_in_the_period_and_nothing_else(
    entries, germany, clara, novastat_hf, mara
):
    inside = entry(mara, novastat_hf, WEDNESDAY - timedelta(days=90), recorded_at=QUARTER[0])
    outside = entry(mara, novastat_hf, WEDNESDAY, recorded_at=QUARTER[1])
    with acting_as(system("take it back")):
        Interaction.objects.filter(pk=entries[0].pk).update(status="WITHDRAWN")
    found = {one[1] for one in draw_again(germany, clara).frame}
    assert str(inside.pk) in found
    assert {str(outside.pk), str(entries[0].pk)} & found == set()


def test_what_is_always_looked_at_is_drawn_with_its_reason(
    entries, germany, clara, mara, felix, keller, novastat_hf, enter, deviation
):
    """Each stratum of R-150 that the records can tell, set up one by one among quiet entries."""
    late = entry(mara, novastat_hf, WEDNESDAY - timedelta(days=60), recorded_at=WEDNESDAY)
    moved = entry(mara, novastat_hf, WEDNESDAY, act={"moved_across": True})
    cleared = entry(mara, novastat_hf, WEDNESDAY, act={"topics": [{"approved_preclear": True}]})
    meal = entry(mara, novastat_hf, WEDNESDAY, decision={"reasons": [["R-086", "meal_above_cap", {}]]})
    turned, kept, joint, siuu = (entry(mara, novastat_hf, WEDNESDAY) for _ in range(4))
    near = entry(mara, novastat_hf, WEDNESDAY + timedelta(days=60))
    enter(novastat_hf, State.AUTHORISED, at=WEDNESDAY + timedelta(days=85))
    with acting_as(system("set the stage")):
        ValueGiven.objects.create(
            interaction=meal, kol=keller, category="MEAL", amount=Decimal(99), currency="EUR", given_on=AT.date(), payer="us"
        )  # fmt: skip
        Change.objects.create(
            interaction=turned,
            kind="INITIATOR",
            before="PROACTIVE",
            after="UNSOLICITED_REQUEST",
            reason="She asked",
            at=now(),
        )
        WordMark.objects.create(
            interaction=kept, field="NOTE", start=0, end=1, kind="NAME", code="own", level="explain", at=now()
        )
        JointVisit.objects.create(
            medical=joint, field=entries[0], overlapping=True, before_authorisation=False, found_at=now()
        )
        Topic.objects.filter(interaction=siuu).update(documents={"SIUU": {"said": True}})
    found = reasons(draw_again(germany, clara))
    expected = {
        late: "very_late", moved: "date_moved", cleared: "preclear", meal: "value_above_cap", turned: "initiator_changed",
        kept: "words_kept", joint: "joint_visit", entries[0]: "joint_visit", siuu: "siuu", near: "boundary_window",
    }  # fmt: skip
    for record, code in expected.items():
        assert code in found[str(record.pk)], code
    always = {pk for pk, why in found.items() if why & set(drawing.ALWAYS)}
    assert always == {str(record.pk) for record in expected}


def test_a_deviation_is_always_in_the_sample_of_the_time_it_was_told(deviation, germany, clara, as_owner):
    with acting_as(system("look")):
        at = now()
    with acting_as(clara, at=at + timedelta(days=2)):
        draw = draw_sample(germany, since=at - timedelta(days=1), until=at + timedelta(days=1), by=clara)
    assert reasons(draw) == {str(deviation.pk): {"deviation", "random"}}


def test_risks_are_seen(germany, clara, mara, novastat_hf):
    text = "The professor asked whether the cut-off of thirty holds in the newer trial and in her wards."
    go = [
        entry(
            mara,
            novastat_hf,
            WEDNESDAY + timedelta(days=n),
            recorded_at=WEDNESDAY + timedelta(days=9, minutes=n),
            note=text,
        )
        for n in range(6)
    ]
    night = entry(mara, novastat_hf, WEDNESDAY, recorded_at=WEDNESDAY + timedelta(hours=13))
    frame = {one[1]: set(one[5]) for one in draw_again(germany, clara).frame}
    assert all(frame[str(one.pk)] == {"similar_text", "batch_logging"} for one in go)
    assert frame[str(night.pk)] == {"odd_hours"}


def test_a_draw_is_never_changed_by_anybody_and_a_sample_is_only_extended(sample, clara, entries, as_owner):
    later = sample.drawn_at + timedelta(hours=1)
    with acting_as(clara):
        out = next(one for one in entries if str(one.pk) not in reasons(sample))
    with (
        acting_as(clara, at=later),
        pytest.raises(IntegrityError, match="only extended"),
        transaction.atomic(),
    ):
        Item.objects.create(
            draw=sample, position=99, interaction=out, reasons=[], added_by=clara, added_at=sample.drawn_at
        )
    with (
        acting_as(clara, at=later),
        pytest.raises(IntegrityError, match="only extended"),
        transaction.atomic(),
    ):
        Item.objects.filter(draw=sample).update(reasons=["random"], position=1)
    with pytest.raises(Refused, match="R-151"), acting_as(clara, at=later):
        extend_sample(sample, out, " ", by=clara)
    with acting_as(clara, at=later):
        assert extend_sample(sample, out, "A colleague named it", by=clara).position == 7
    with acting_as(system("past everything")), as_guard():
        for statement in ("UPDATE reviews_draw SET seed = 'x'", "DELETE FROM reviews_draw"):
            with (
                pytest.raises(DatabaseError, match="never changed"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


def test_the_web_role_has_no_right_to_delete_a_sample(sample, clara):
    for table in ("reviews_draw", "reviews_item", "reviews_inquiry", "reviews_observation"):
        with (
            acting_as(clara),
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table}")


def first(sample) -> Item:
    with acting_as(system("look")):
        return (
            Item.objects.filter(draw=sample).select_related("author", "interaction").order_by("position")[0]
        )


def test_nobody_reviews_her_own_line(sample, clara, lena, mara):
    """Clara led the territory when it happened: neither the action nor the database lets her decide."""
    item = first(sample)
    with acting_as(system("set the stage")):
        Post.objects.create(user=clara, territory=mara.posts.get().territory, leads=True, during=EVER)
    with pytest.raises(Refused, match="R-152"), acting_as(clara):
        decide(item.pk, Item.Verdict.FINE, by=clara)
    for person in (clara, lena, item.author):
        with (
            acting_as(system("past the action")),
            pytest.raises(IntegrityError, match="not in the line"),
            transaction.atomic(),
        ):
            Item.objects.filter(pk=item.pk).update(verdict="FINE", decided_by=person, decided_at=now())


def test_a_finding_of_a_review_names_record_person_and_rules_and_stays(sample, clara, chris):
    item = first(sample)
    with pytest.raises(Refused, match="R-153"), acting_as(clara):
        decide(item.pk, Item.Verdict.FINDING, by=clara)
    with acting_as(clara):
        decided = decide(item.pk, Item.Verdict.FINDING, "The proof is missing.", by=clara)
        found = Finding.objects.get(pk=decided.finding.pk)
        assert (found.source, found.record, found.subject, found.subject_side) == (
            "REVIEW", item.interaction_id, item.author, "MEDICAL",
        )  # fmt: skip
        assert "R-150" in found.rules
    with pytest.raises(Refused, match="already decided"), acting_as(chris):
        decide(item.pk, Item.Verdict.FINE, by=chris)
    with acting_as(chris), pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(verdict="FINE", finding=None)


def test_the_author_is_asked_answers_once_and_sees_nothing_else(sample, clara, felix, lena, client_of):
    item = first(sample)
    with acting_as(clara):
        decide(item.pk, Item.Verdict.QUESTION, "Who asked?", by=clara)
    author = item.author
    with acting_as(author):
        inquiry = Inquiry.objects.get()
        assert (Draw.objects.count(), Item.objects.count()) == (0, 0)
    browser, address = client_of(author), reverse("reviews:inquiry", args=[inquiry.pk])
    assert "Who asked?" in browser.get(address).text
    assert browser.post(address, {"answer": "She did."}).status_code == 302
    with pytest.raises(Refused), acting_as(author):
        answer_inquiry(inquiry.pk, "Again", by=author)
    for person in (felix, lena):
        assert client_of(person).get(address).status_code == 404
        assert client_of(person).get(reverse("reviews:queue")).status_code == 404
    assert "She did." in client_of(clara).get(reverse("reviews:item", args=[item.pk])).text
    with acting_as(clara):
        assert decide(item.pk, Item.Verdict.FINE, by=clara).verdict == "FINE"


def test_compliance_draws_and_decides_on_the_pages(entries, germany, clara, client_of):
    browser = client_of(clara)
    sent = {"market": germany.pk, "since": "2026-07-01", "until": "2026-09-30"}
    answer = browser.post(reverse("reviews:draw_new"), sent)
    page = browser.get(answer["Location"]).text
    assert "drawn again: the same" in page
    with acting_as(clara):
        item = Item.objects.order_by("position").first()
    address = reverse("reviews:item", args=[item.pk])
    page = browser.get(address).text
    assert all(f'data-key="{key}"' in page for key in "afqj")
    assert browser.post(address, {"verdict": "FINDING", "note": ""}).status_code == 200
    answer = browser.post(address, {"verdict": "FINE", "note": ""})
    assert answer["Location"] != address
    assert "no objection" in browser.get(address).text
    assert browser.post(reverse("reviews:draw_new"), sent | {"until": "2099-01-01"}).status_code == 302
    with acting_as(clara):
        assert Draw.objects.count() == 1


def test_a_record_changed_after_the_draw_says_so(sample, clara, client_of, novastat_hf):
    item = first(sample)
    with acting_as(item.author):
        Interaction.objects.filter(pk=item.interaction.pk).update(version=2, note="Otherwise")
    page = client_of(clara).get(reverse("reviews:item", args=[item.pk])).text
    assert "Changed since it was drawn" in page
