"""Timers remind and escalate on business days, fire once each, catch up, and move nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.acting import acting_as, system
from accounts.models import Notice
from handovers.actions import follow_facts, make_effective, open_due_handovers
from handovers.models import Handover, Reminder
from handovers.tasks import remind_and_escalate as task
from handovers.timers import remind_and_escalate, stages_of

pytestmark = pytest.mark.django_db

# Monday; Germany has no holiday in the weeks after.
MONDAY = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)


@pytest.fixture
def due(relation, novastat_hf, authorise):
    """Due since a Monday in January."""
    authorise(novastat_hf, at=MONDAY - timedelta(days=1), recorded_at=MONDAY)
    with acting_as(system("test"), at=MONDAY):
        open_due_handovers()
        return Handover.objects.get()


def fired_on(at):
    with acting_as(system("test"), at=at):
        return remind_and_escalate()


def stages():
    with acting_as(system("look")):
        return list(Reminder.objects.order_by("fired_at", "stage").values_list("stage", flat=True))


def told():
    with acting_as(system("look")):
        kinds = Notice.objects.filter(kind="handovers_waiting").order_by("person__given_name")
        return sorted({notice.person.given_name for notice in kinds.select_related("person")})


def test_ten_business_days_to_prepare_remind_at_half_and_at_four_fifths(germany):
    days = [stage.day for stage in stages_of("DUE", date(2026, 1, 12), germany, "")]

    assert days == [
        date(2026, 1, 19),
        date(2026, 1, 22),
        date(2026, 1, 26),
        date(2026, 2, 2),
        date(2026, 2, 9),
    ]


def test_a_holiday_and_a_weekend_do_not_count(germany):
    first = stages_of("ASSIGNED", date(2026, 4, 2), germany, "")[2].day

    # Good Friday, the weekend and Easter Monday lie between.
    assert first == date(2026, 4, 13)


def test_nothing_fires_early_and_each_fires_once(due):
    assert fired_on(MONDAY + timedelta(days=6)) == 0
    assert fired_on(MONDAY + timedelta(days=7)) == 1
    assert fired_on(MONDAY + timedelta(days=7)) == 0
    assert told() == ["Mara"]


def test_an_outage_is_caught_up_in_one_run(due, clara, lena):
    assert fired_on(MONDAY + timedelta(days=28)) == 5
    assert fired_on(MONDAY + timedelta(days=28)) == 0
    assert stages() == ["100 %", "100 % + 10", "100 % + 5", "50 %", "80 %"]
    assert told() == ["Clara", "Lena", "Mara"]


def test_no_timer_and_no_silence_moves_an_owner(due, relation):
    with acting_as(system("test"), at=MONDAY + timedelta(days=200)):
        task()
        follow_facts()
        assert make_effective() == 0
        assert Handover.objects.get().state == "DUE"
        assert [row.side for row in relation.ownerships.all()] == ["MEDICAL"]


def test_after_thirty_days_the_line_hears_that_the_target_is_missed(due, lena):
    fired_on(MONDAY + timedelta(days=29))
    assert "target" not in stages()
    fired_on(MONDAY + timedelta(days=30))
    assert "target" in stages()
    assert "Lena" in told()


def test_after_sixty_days_compliance_has_to_decide(due, clara):
    fired_on(MONDAY + timedelta(days=61))

    assert "long stop" in stages()


def test_the_clock_stands_still_while_frozen(due, novastat_hf, suspend):
    suspend(novastat_hf, at=MONDAY + timedelta(days=1), recorded_at=MONDAY + timedelta(days=1))

    assert fired_on(MONDAY + timedelta(days=30)) == 0
