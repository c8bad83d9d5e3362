"""Telling people, once per key, in the transaction of the cause (architecture.md, section 8)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.acting import acting_as, now, system
from accounts.models import Appointment, Notice, NoticeChoice, User

DIGEST_AT = time(7)
# After an outage a digest still goes out in the morning it was meant for, and not later.
DIGEST_UNTIL = time(11)
BATCH = 50
DIGEST = "digest"


def tell(person: User, kind: str, key: str, *, url: str = "", urgent: bool = False, **facts: Any) -> None:
    """Leave a notice for a person. Told again under the same key, nothing happens.

    `kind` names its sentence; `facts` fill it. What is mailed says only that something waits.
    """
    tell_all([(person, kind, key, url, facts)], urgent=urgent)


def tell_all(notices: list[tuple[User, str, str, str, dict[str, Any]]], *, urgent: bool = False) -> None:
    """Many notices in one statement: (person, kind, key, url, facts)."""
    Notice.objects.bulk_create(
        [
            Notice(
                person=person,
                kind=kind,
                key=key[:200],
                url=url,
                facts=_plain(facts),
                urgent=urgent,
                created_at=now(),
            )
            for person, kind, key, url, facts in notices
        ],
        ignore_conflicts=True,
        batch_size=500,
    )


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, int | bool | None) else str(value) for name, value in facts.items()
    }


def notices_of(person: User) -> QuerySet[Notice]:
    """What this person was told in a role of the side she stands on now.

    Who changes side loses the other side's past that very second (R-110), its notices included.
    """
    held = Appointment.objects.filter(
        user=person, side=person.side or "", during__contains=OuterRef("created_at")
    )
    told = Notice.objects.filter(Exists(held), person=person, dismissed_at=None).exclude(kind=DIGEST)
    return told.exclude(Exists(_not_wanted("inside")))


def _not_wanted(way: str) -> QuerySet[NoticeChoice]:
    """The choices that keep a notice from one of its ways: inside, mail or digest."""
    return NoticeChoice.objects.filter(person=OuterRef("person"), kind=OuterRef("kind"), **{way: False})


def mark(person: User, ids: list[UUID], *, read: bool) -> int:
    """Mark notices of one's own as read, or as unread again. Others' are not touched."""
    return notices_of(person).filter(pk__in=ids).update(read_at=now() if read else None)


def dismiss(person: User, ids: list[UUID], *, away: bool) -> int:
    """Take notices of one's own off the list, or put them back. Others' are not touched."""
    mine = Notice.objects.filter(person=person, pk__in=ids)
    return mine.update(dismissed_at=now() if away else None)


def deliver_due() -> int:
    """Mail each person once that something waits for her; no content, no names (R-102).

    The rows are claimed with SKIP LOCKED and marked in the transaction of the mail, so a second worker, a
    repeated run and an outage all end alike: every notice is mailed once. Urgent ones go first. Returns
    the number of mails.
    """
    sent = 0
    while batch := _deliver_some():
        sent += batch[1]
        if batch[0] < BATCH:
            break
    return sent


def _deliver_some() -> tuple[int, int]:
    with acting_as(system("deliver notices")):
        due = list(
            Notice.objects.filter(mailed_at=None, read_at=None)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("person")
            .order_by("-urgent", "created_at", "id")[:BATCH]
        )
        wanted = set(
            Notice.objects.filter(pk__in=[notice.pk for notice in due])
            .exclude(Exists(_not_wanted("mail")))
            .values_list("pk", flat=True)
        )
        heard = [notice for notice in due if notice.pk in wanted]
        people = {notice.person_id: notice.person for notice in heard if notice.person.is_active}
        for pk, person in people.items():
            urgent = any(notice.urgent for notice in heard if notice.person_id == pk)
            _mail(person, "urgent" if urgent else "notice")
        Notice.objects.filter(pk__in=[notice.pk for notice in due]).update(mailed_at=now())
        return len(due), len(people)


def send_digests() -> int:
    """Mail everybody at seven in the morning of her own time zone, if something new was left unread.

    Safe to run at any time and again: one a day and person, held by the notice that says so. Returns the
    number of mails.
    """
    with acting_as(system("send digests")) as acting:
        news = Notice.objects.filter(
            person=OuterRef("pk"),
            read_at=None,
            dismissed_at=None,
            created_at__gt=acting.now - timedelta(days=1),
        ).exclude(Exists(_not_wanted("digest")))
        waiting = User.objects.filter(Exists(news), is_active=True).order_by("pk")
        claims = [
            Notice(person=person, kind=DIGEST, key=f"digest {acting.now.astimezone(person.tz):%Y-%m-%d}",
                   created_at=acting.now, read_at=acting.now, mailed_at=acting.now)
            for person in waiting if _is_morning(person, acting.now)
        ]  # fmt: skip
        sent = set(
            Notice.objects.filter(kind=DIGEST, created_at__gt=acting.now - timedelta(days=2)).values_list(
                "person_id", "key"
            )
        )
        fresh = [claim for claim in claims if (claim.person_id, claim.key) not in sent]
        # Two workers at one instant: the unique key lets one of the two transactions through.
        Notice.objects.bulk_create(fresh)
        for claim in fresh:
            _mail(claim.person, DIGEST)
        return len(fresh)


def _is_morning(person: User, at: datetime) -> bool:
    return DIGEST_AT <= at.astimezone(person.tz).time() < DIGEST_UNTIL


def _mail(person: User, what: str) -> None:
    with translation.override(person.language):
        subject = {
            "urgent": _("Something urgent waits for you in MSL CRM"),
            "notice": _("Something waits for you in MSL CRM"),
            "digest": _("Your day in MSL CRM"),
        }[what]
        body = render_to_string("mail/something_waits.txt", {
            "what": what, "url": settings.PUBLIC_URL.rstrip("/") + reverse("accounts:notices"),
        })  # fmt: skip
        EmailMessage(subject, body, to=[person.email]).send()
