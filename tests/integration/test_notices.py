"""Notices: told once, mailed once, without content; the digest in the morning where the reader is."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse

from accounts import notices
from accounts.acting import acting_as, system
from accounts.models import Notice, User
from accounts.notices import deliver_due, send_digests, tell
from accounts.wording import SENTENCES, sentence

pytestmark = pytest.mark.django_db
# Seven in the morning in Berlin, in winter.
MORNING = datetime(2026, 1, 15, 6, 0, tzinfo=UTC)


def told(person, key="one", *, at=None, **facts):
    with acting_as(system("tell"), at=at):
        tell(
            person,
            "handover_assigned",
            key,
            url="/handovers/inbox/",
            kol="Prof. Keller",
            use="Novastat",
            **facts,
        )


def test_who_is_told_twice_is_told_once(mara):
    told(mara)
    told(mara)
    with acting_as(mara):
        assert [sentence(n.kind, n.facts) for n in Notice.objects.all()] == [
            "Prof. Keller is to become yours. Accept or decline."
        ]


def test_the_mail_says_that_something_waits_and_nothing_more(felix):
    told(felix, urgent=True)

    assert deliver_due() == 1

    (message,) = mail.outbox
    assert message.to == ["felix@example.org"]
    assert message.subject == "Something urgent waits for you in MSL CRM"
    for secret in ("Keller", "Novastat", "Felix", "handover"):
        assert secret not in message.subject + message.body
    assert "/notices/" in message.body


def test_running_again_or_late_mails_nothing_twice(felix, mara):
    told(felix, "one")
    told(felix, "two")
    told(mara, "three")

    assert (deliver_due(), deliver_due()) == (2, 0)
    told(felix, "four", at=datetime.now(UTC) - timedelta(days=3))
    assert (deliver_due(), deliver_due()) == (1, 0)
    assert sorted(m.to[0] for m in mail.outbox) == [
        "felix@example.org",
        "felix@example.org",
        "mara@example.org",
    ]


def test_more_than_one_batch_is_delivered_in_one_run(felix):
    for number in range(notices.BATCH + 5):
        told(felix, f"n{number}")
    deliver_due()
    with acting_as(felix):
        assert Notice.objects.filter(mailed_at=None).count() == 0


def test_what_was_read_already_and_closed_accounts_get_no_mail(felix, otto):
    told(felix)
    told(otto)
    with acting_as(felix):
        notices.mark(felix, list(Notice.objects.values_list("pk", flat=True)), read=True)
    with acting_as(system("close")):
        User.objects.filter(pk=otto.pk).update(is_active=False)
    assert deliver_due() == 0
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("at", "count"),
    [
        (MORNING - timedelta(minutes=1), 0),
        (MORNING, 1),
        (MORNING + timedelta(hours=3), 1),
        (MORNING + timedelta(hours=4), 0),
    ],
)
def test_the_digest_comes_at_seven_where_the_reader_is(felix, at, count, monkeypatch):
    told(felix, at=MORNING - timedelta(hours=10))
    assert digest_at(at) == count


def test_the_digest_of_another_time_zone_has_its_own_seven(felix):
    with acting_as(system("move")):
        User.objects.filter(pk=felix.pk).update(time_zone="America/New_York")
    told(felix, at=MORNING - timedelta(hours=2))
    assert digest_at(MORNING) == 0
    assert digest_at(MORNING + timedelta(hours=6)) == 1


def test_one_digest_a_day_and_none_without_news(felix, otto):
    told(felix, at=MORNING - timedelta(hours=10))
    assert [digest_at(MORNING), digest_at(MORNING), digest_at(MORNING + timedelta(minutes=15))] == [1, 0, 0]
    assert digest_at(MORNING + timedelta(days=1)) == 0
    assert [(m.to, m.subject) for m in mail.outbox] == [(["felix@example.org"], "Your day in MSL CRM")]
    with acting_as(felix, at=MORNING + timedelta(hours=1)):
        assert [n.kind for n in notices.notices_of(felix)] == ["handover_assigned"]


def digest_at(at: datetime) -> int:
    """The job at an instant: the outer transaction has set the clock."""
    with acting_as(system("a morning"), at=at):
        return send_digests()


def test_done_is_one_press_and_can_be_undone(felix, client_of):
    told(felix)
    browser = client_of(felix)
    assert "Prof. Keller is to become yours" in browser.get("/notices/").text
    with acting_as(felix):
        notice = Notice.objects.get()
    address = reverse("accounts:notice_read", args=[notice.pk])

    browser.post(address)
    with acting_as(felix):
        assert Notice.objects.get().read_at is not None
    browser.post(f"{address}?undo=1")
    with acting_as(felix):
        assert Notice.objects.get().read_at is None
    opened = browser.post(address, {"open": "1"})
    assert opened.url == "/handovers/inbox/"


def test_nobody_reads_or_marks_anothers_notice(felix, otto, clara, client_of):
    told(felix)
    with acting_as(felix):
        notice = Notice.objects.get()
    for person in (otto, clara):
        browser = client_of(person)
        assert "Keller" not in browser.get("/notices/").text
        assert browser.post(reverse("accounts:notice_read", args=[notice.pk])).status_code == 404
    with acting_as(felix):
        assert Notice.objects.get().read_at is None


# Where a call says which kind of notice it leaves.
KIND_AT = {"tell": 1, "tell_of": 2}


def kinds_told(path: Path) -> set[str]:
    """The kinds a source tells by name."""
    calls = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    told = [(KIND_AT.get(getattr(call.func, "id", ""), len(call.args)), call.args) for call in calls]
    kinds = [args[at] for at, args in told if at < len(args)]
    return {kind.value for kind in kinds if isinstance(kind, ast.Constant) and isinstance(kind.value, str)}


def test_every_kind_that_is_told_has_a_sentence():
    root = Path(__file__).resolve().parents[2]
    sources = [
        path for app in settings.OUR_APPS for path in (root / app).rglob("*.py") if "views" not in path.parts
    ]
    found = set().union(*map(kinds_told, sources))
    assert {"handover_assigned", "side_effect"} <= found
    assert found - set(SENTENCES) == set()


def test_the_list_costs_the_same_with_one_and_with_three(felix, client_of, statements):
    browser = client_of(felix)
    told(felix)
    browser.get("/notices/")
    with statements() as one:
        browser.get("/notices/")
    told(felix, "two")
    told(felix, "three")
    with statements() as three:
        browser.get("/notices/")
    assert len(one) == len(three) <= 8


def test_over_the_api_one_reads_and_ticks_off_ones_own_notices(felix, mara, client_of):
    told(felix)
    [notice] = client_of(felix).get("/api/notices/?unread=true").json()["results"]
    assert notice["sentence"] == "Prof. Keller is to become yours. Accept or decline."

    reading = f"/api/notices/{notice['id']}/reading/"
    assert client_of(mara).post(reading).status_code == 404
    first, again = client_of(felix).post(reading).json(), client_of(felix).post(reading).json()
    assert first["read_at"] is not None
    assert first == again
    assert client_of(felix).get("/api/notices/?unread=true").json()["results"] == []
