"""What is promised after a contact, and the reminder on its day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from interactions.actions import (
    add_follow_up,
    complete_follow_up,
    remind_of_due_follow_ups,
    reopen_follow_up,
)
from interactions.models import FollowUp
from kols.models import OpenMatter

pytestmark = pytest.mark.django_db


def promise(mara, germany, *, days=0, **more):
    with acting_as(mara):
        due_on = germany.local_day(now()) + timedelta(days=days)
        return add_follow_up(
            by=mara, what="Send the poster", due_on=due_on, market=germany, promised=True, **more
        )


def remind(**later):
    with acting_as(system("remind of due follow-ups")) as acting:
        return remind_of_due_follow_ups(at=acting.now + timedelta(**later))


def test_the_owner_is_reminded_once_on_the_day(company, mara, germany):
    promise(mara, germany, days=1)

    assert (remind(), remind(days=1), remind(days=1)) == (0, 1, 0)
    with acting_as(mara):
        assert Notice.objects.get().kind == "follow_up_due"


def test_a_reminder_missed_in_an_outage_comes_late_and_once(company, mara, germany):
    promise(mara, germany, days=1)

    assert (remind(days=9), remind(days=10)) == (1, 0)


def test_what_is_done_is_not_reminded_of_and_can_be_reopened(relation, mara, keller, germany):
    row = promise(mara, germany, kol=keller, relation=relation)
    with acting_as(mara):
        complete_follow_up(row, by=mara)
        assert OpenMatter.objects.get().closed_at is not None
    assert remind() == 0
    with acting_as(mara):
        reopen_follow_up(row, by=mara)
        assert OpenMatter.objects.get().closed_at is None
    assert remind() == 1


def test_nobody_completes_what_a_colleague_promised(company, mara, moritz, germany, client_of):
    row = promise(mara, germany)

    answer = client_of(moritz).post(reverse("interactions:follow_up_completion", args=[row.pk]))

    assert answer.status_code == 404
    with acting_as(mara):
        assert FollowUp.objects.get().done_at is None


def test_the_list_adds_completes_and_offers_the_way_back(company, mara, client_of):
    client = client_of(mara)
    client.post(reverse("interactions:follow_ups"), {"what": "Call her", "due_on": "2030-01-07"})
    with acting_as(mara):
        row = FollowUp.objects.get()
    page = client.post(reverse("interactions:follow_up_completion", args=[row.pk]), follow=True)

    assert reverse("interactions:follow_up_reopening", args=[row.pk]) in page.content.decode()
