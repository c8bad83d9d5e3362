"""What a device is handed, what it may keep, and how what was written on it reaches the record."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from accounts.acting import acting_as, now, system
from accounts.actions import appoint
from accounts.models import IdempotencyKey
from compliance.models import AuditEntry
from compliance.policy import Channel, Kind, Role, Subject
from interactions.actions import plan_interaction
from interactions.facts import Event, Present, Spoken
from interactions.models import FollowUp, Interaction
from tests.integration.test_log_visit import filled, records, reports

pytestmark = pytest.mark.django_db
VISITS = "/device/visits/"


def written(keller, use, *, ref=None, **more):
    """A visit as the device holds it: its name, and the text that is never changed again."""
    ref = ref or str(uuid4())
    return ref, urlencode(filled(keller, use, client_ref=ref, **more), doseq=True)


def send(browser, ref, body, url=VISITS, **headers):
    return browser.post(
        url,
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"Idempotency-Key": ref, **headers},
    )


# The receipt


def test_the_receipt_names_the_record_and_the_very_text(relation, keller, novastat_hf, mara, client_of):
    ref, body = written(keller, novastat_hf)

    answer = send(client_of(mara), ref, body)

    assert answer.status_code == 201
    [record] = records()
    said = answer.json()
    assert (said["ref"], said["id"]) == (ref, str(record.pk))
    assert said["hash"] == hashlib.sha256(body.encode()).hexdigest()
    assert (str(record.client_ref), record.note) == (ref, "Wants the subgroup.")


def test_sent_again_it_gets_the_first_answer_and_writes_nothing(
    relation, keller, novastat_hf, mara, client_of
):
    browser = client_of(mara)
    ref, body = written(
        keller, novastat_hf, follow_up="on", follow_up_what="Send the poster", follow_up_on="2030-01-07"
    )

    answers = [send(browser, ref, body) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {201}
    assert answers[0].json() == answers[1].json() == answers[2].json()
    [record] = records()
    with acting_as(mara):
        assert FollowUp.objects.filter(interaction=record).count() == 1


def test_another_text_under_the_same_name_is_refused(relation, keller, novastat_hf, mara, client_of):
    browser = client_of(mara)
    ref, body = written(keller, novastat_hf)
    _ref, other = written(keller, novastat_hf, ref=ref, note="Something else.")
    send(browser, ref, body)

    answer = send(browser, ref, other)

    assert (answer.status_code, answer.json()["ref"]) == (422, ref)
    assert "already saved" in answer.json()["reasons"][0]
    assert [record.note for record in records()] == ["Wants the subgroup."]


def test_a_name_that_the_page_has_used_is_no_receipt_for_another_text(
    relation, keller, novastat_hf, mara, client_of
):
    browser = client_of(mara)
    ref, body = written(keller, novastat_hf)
    browser.post("/interactions/new/", filled(keller, novastat_hf, client_ref=ref, note="Sent as a page."))

    answer = send(browser, ref, body)

    assert answer.status_code == 422
    assert [record.note for record in records()] == ["Sent as a page."]


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_under_way_the_second_is_told_when_to_ask_again(
    relation, keller, novastat_hf, mara, client_of
):
    browser = client_of(mara)
    ref, body = written(keller, novastat_hf)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"visit {mara.pk} {ref}"])

        busy = send(browser, ref, body)
    finally:
        other.close()

    assert (busy.status_code, busy.headers["Retry-After"]) == (409, "1")
    assert "reasons" not in busy.json()
    assert records() == []
    assert send(browser, ref, body).status_code == 201


@pytest.mark.parametrize("key", ["", "x", "8C9E6679-7425-40DE-944B-E07FC1F90AE7"])
def test_an_entry_and_its_key_must_match(key, relation, keller, novastat_hf, mara, client_of):
    _ref, body = written(keller, novastat_hf)

    assert send(client_of(mara), key, body).status_code == 400
    assert records() == []


def test_a_name_belongs_to_one_person(relation, keller, novastat_hf, mara, moritz, client_of):
    ref, body = written(keller, novastat_hf)

    first, second = send(client_of(mara), ref, body), send(client_of(moritz), ref, body)

    assert first.status_code == second.status_code == 201
    assert first.json()["id"] != second.json()["id"]


# The judge


def test_it_is_judged_as_of_the_visit_whenever_it_arrives(
    relation, keller, novastat_hf, mara, client_of, authorise
):
    ref, body = written(keller, novastat_hf, at=datetime.now(UTC) - timedelta(hours=5))
    authorise(novastat_hf, at=datetime.now(UTC) - timedelta(hours=1))

    assert send(client_of(mara), ref, body).status_code == 201

    [record] = records()
    with acting_as(mara):
        assert record.topics.get().zone == "PRE"


def test_the_clock_of_the_device_is_kept_as_its_claim_and_moves_nothing(
    relation, keller, novastat_hf, mara, client_of
):
    at = (datetime.now(UTC) - timedelta(hours=2)).replace(second=0, microsecond=0)
    ref, body = written(
        keller,
        novastat_hf,
        at=at,
        device_made_at="2031-01-01T08:00:00.000Z",
        device_saved_at="2031-01-01T08:05:00.000Z",
        device_zone="Pacific/Auckland",
    )

    before = datetime.now(UTC)
    send(client_of(mara), ref, body, **{"X-Sent-At": "1999-12-31T23:59:59.000Z"})

    [record] = records()
    assert record.starts_at == at
    assert record.recorded_at >= before - timedelta(seconds=5)
    with acting_as(system("look")):
        claim = AuditEntry.objects.get(verb="logged", subject_id=record.pk).facts["device"]
    assert claim == {
        "made": "2031-01-01T08:00:00+00:00",
        "saved": "2031-01-01T08:05:00+00:00",
        "sent": "1999-12-31T23:59:59+00:00",
        "zone": "Pacific/Auckland",
    }


def test_a_refused_entry_says_why_and_goes_once_it_is_put_right(
    relation, keller, novastat_hf, mara, client_of
):
    browser = client_of(mara)
    ref, wrong = written(keller, novastat_hf, at=datetime.now(UTC) + timedelta(days=2))
    _ref, right = written(keller, novastat_hf, ref=ref)

    refused = send(browser, ref, wrong)
    assert (refused.status_code, refused.json()["ref"]) == (422, ref)
    assert refused.json()["reasons"] == ["Day: This has not taken place yet. Plan it instead."]
    assert records() == []

    assert send(browser, ref, right).status_code == 201
    assert len(records()) == 1


def test_what_the_boundary_refuses_is_in_the_trail_and_comes_back_with_its_sentence(
    felix, mara, relation, keller, novastat_hf, client_of, authorise
):
    authorise(novastat_hf)
    body = filled(keller, novastat_hf, at=datetime.now(UTC) - timedelta(days=3))
    body = {k: v for k, v in body.items() if not k.startswith("use-")} | {"added": str(novastat_hf.pk)}
    body |= {f"use-{novastat_hf.pk}-chips": "on", f"use-{novastat_hf.pk}-basis": "PROACTIVE"}
    ref = str(uuid4())
    text = urlencode({**body, "client_ref": ref}, doseq=True)

    answer = send(client_of(mara), ref, text)

    assert answer.status_code in (409, 422)
    assert answer.json()["reasons"]
    assert records() == []
    with acting_as(mara):
        assert not IdempotencyKey.objects.exists()


def test_a_refusal_that_the_page_will_show_is_counted_once(
    relation, keller, novastat_hf, mara, client_of, monkeypatch
):
    ref, body = written(keller, novastat_hf, at=datetime.now(UTC) + timedelta(days=2), **{
        "side_effect": "yes", "se-what_happened": "Dizzy",
    })  # fmt: skip

    answer = send(client_of(mara), ref, body, url=f"{VISITS}?page=1")

    assert answer.status_code == 422
    assert (records(), reports()) == ([], [])
    assert send(client_of(mara), ref, body).status_code == 422
    assert len(reports()) == 1


def test_a_side_effect_is_reported_once_though_the_visit_is_refused_and_sent_again(
    relation, keller, novastat_hf, mara, client_of
):
    browser = client_of(mara)
    effect = {"side_effect": "yes", "se-what_happened": "Dizzy since Monday"}
    ref, wrong = written(keller, novastat_hf, at=datetime.now(UTC) + timedelta(days=2), **effect)
    _ref, right = written(keller, novastat_hf, ref=ref, **effect)

    send(browser, ref, wrong)
    send(browser, ref, wrong)
    assert [report.what_happened for report in reports()] == ["Dizzy since Monday"]

    assert send(browser, ref, right).status_code == 201
    assert len(reports()) == 1
    assert records()[0].safety_report_id == reports()[0].pk


# What the device is handed


def plan_with(mara, keller, use, days):
    start = datetime.now(UTC) + timedelta(days=days)
    with acting_as(mara):
        return plan_interaction(
            by=mara,
            event=Event(
                kind=Kind.VISIT,
                channel=Channel.IN_PERSON,
                starts_at=start,
                ends_at=start + timedelta(minutes=30),
                market=use.market,
            ),
            topics=[Spoken(subject=Subject.DISEASE, area=use.indication.area)],
            people=[Present(kol=keller, main=True)],
        )


def test_what_is_kept_for_reading_is_what_the_pages_show(relation, keller, novastat_hf, mara, client_of):
    plan = plan_with(mara, keller, novastat_hf, 1)

    said = client_of(mara).get("/device/data/").json()

    assert set(said["pages"]) == {
        "/", "/interactions/", "/calendar/", f"/interactions/new/?plan={plan.pk}", f"/kols/{keller.pk}/",
    }  # fmt: skip
    assert 'id="visit"' in said["pages"][f"/interactions/new/?plan={plan.pk}"]
    assert "Keller" in said["pages"][f"/kols/{keller.pk}/"]
    assert "Keller" in said["pages"]["/interactions/"]
    assert [row[1] for row in said["people"]] == [str(keller)]
    assert "Novastat" in said["form"]
    assert client_of(mara).get("/device/data/").json() == said


def test_nobody_is_handed_what_another_may_see(relation, keller, novastat_hf, mara, moritz, felix, client_of):
    plan_with(mara, keller, novastat_hf, 1)
    assert "Keller" in client_of(mara).get("/device/data/").content.decode()

    for other in (moritz, felix):
        said = client_of(other).get("/device/data/").content.decode()
        assert "Keller" not in said
    assert client_of(felix).get("/device/data/").content.decode().count("Novastat") == 0


def test_the_day_after_tomorrow_is_the_last_that_is_kept(relation, keller, novastat_hf, mara, client_of):
    near, far = (plan_with(mara, keller, novastat_hf, days) for days in (2, 5))

    pages = client_of(mara).get("/device/data/").json()["pages"]

    assert f"/interactions/new/?plan={near.pk}" in pages
    assert f"/interactions/new/?plan={far.pk}" not in pages


def test_a_key_is_one_persons_on_one_side(mara, moritz, clara, anton, germany, client_of):
    own = client_of(mara).get("/device/key/").json()
    assert client_of(mara).get("/device/key/").json()["secret"] == own["secret"]
    assert client_of(moritz).get("/device/key/").json()["secret"] != own["secret"]
    assert client_of(clara).get("/device/key/").status_code == 404

    with acting_as(anton):
        appoint(mara, Role.MSL_LEAD, [germany], from_=now(), by=anton)
    led = client_of(mara).get("/device/key/").json()
    assert (led["secret"], led["tag"]) == (own["secret"], own["tag"])
    assert led["scope"] != own["scope"]

    with acting_as(anton):
        appoint(mara, Role.FIELD_SERVICE, [germany], from_=now(), by=anton)
    there = client_of(mara).get("/device/key/").json()
    assert {own[name] for name in ("secret", "tag", "scope")}.isdisjoint(there.values())


def test_the_key_and_the_data_are_stored_by_nobody_on_the_way(relation, mara, client_of, client):
    for path in ("/device/key/", "/device/data/"):
        assert "no-store" in client_of(mara).get(path).headers["Cache-Control"]
        assert client.get(path).status_code == 302


# The shell


def test_the_shell_is_the_same_bytes_for_everybody_and_names_nobody(mara, client, client_of):
    for path in ("/offline/en-gb/", "/offline/de/", "/sw.js"):
        stranger, her = client.get(path), client_of(mara).get(path)
        assert stranger.status_code == 200
        assert stranger.content == her.content
        assert b"csrfmiddlewaretoken" not in her.content
        assert mara.family_name.encode() not in her.content
    assert client.get("/offline/fr/").status_code == 404


def test_the_worker_keeps_files_of_the_shell_alone_and_rules_the_whole_site(client):
    answer = client.get("/sw.js")

    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    said = json.loads(answer.content.decode().partition("const SHELL = ")[2].partition(";\n")[0])
    assert said["urls"][:2] == ["/offline/en-gb/", "/offline/de/"]
    assert all(url.startswith("/static/") for url in said["urls"][2:])
    for name in ("vendor/styles", "js/outbox", "js/device", "vendor/icons"):
        assert any(name in url for url in said["urls"]), name


def test_the_product_can_be_installed(client):
    said = client.get("/manifest.webmanifest").json()

    assert (said["start_url"], said["scope"], said["display"]) == ("/", "/", "standalone")
    assert [icon["sizes"] for icon in said["icons"]] == ["192x192", "512x512"]
    assert b'rel="manifest"' in client.get("/account/login/").content


def test_the_scripts_that_keep_and_send_stay_small():
    folder = Path(settings.BASE_DIR) / "static" / "js"
    # gzip is never smaller than the brotli that is promised.
    weight = {name: len(gzip.compress((folder / name).read_bytes(), 9)) for name in ("outbox.js", "sw.js")}
    assert sum(weight.values()) <= 10_000, weight
    assert len(gzip.compress((folder / "device.js").read_bytes(), 9)) <= 5_000


def test_an_interaction_has_one_name_per_author(relation, keller, novastat_hf, mara, client_of):
    ref, body = written(keller, novastat_hf)
    send(client_of(mara), ref, body)
    with acting_as(mara):
        assert Interaction.objects.filter(client_ref=ref).count() == 1
