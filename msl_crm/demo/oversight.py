"""What Compliance did with the year: a sample that was drawn and half reviewed, findings at every stage, observed visits."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.acting import acting_as
from accounts.models import Market, User
from compliance.finding_actions import answer_hearing, complete_measure, hear, set_measure, take_step
from compliance.finding_steps import Step
from compliance.findings import Finding
from interactions.models import Interaction
from reviews.actions import decide, draw_sample, plan_observations, record_observation
from reviews.models import Draw, Item, Observation

Users = dict[str, User]


def a_quarter(users: Users, today: datetime) -> None:
    """An old finding that went all the way, and this quarter's sample of Germany with its first decisions."""
    market = Market.objects.get(code="DE")
    _finding_that_was_closed(users, market, today - timedelta(days=140))
    with acting_as(users["clara"], at=today - timedelta(days=1) + timedelta(hours=7)):
        draw = draw_sample(
            market,
            since=today - timedelta(days=92),
            until=today - timedelta(days=1),
            by=users["clara"],
            seed="nordlicht",
        )
    _decided(users, draw, today)
    _observed(users, market, today)


def _decided(users: Users, draw: Draw, today: datetime) -> None:
    """Most without objection, one finding, one question to an author."""
    clara = users["clara"]
    with acting_as(clara, at=today - timedelta(days=1) + timedelta(hours=8)):
        items = list(Item.objects.filter(draw=draw, interaction__isnull=False).order_by("position")[:8])
        for item in items[:6]:
            decide(item.pk, Item.Verdict.FINE, by=clara)
        for item, verdict, words in zip(
            items[6:],
            (Item.Verdict.QUESTION, Item.Verdict.FINDING),
            ("Which question was asked, and in which words?", "The note does not say how the topic came up."),
            strict=False,
        ):
            decide(item.pk, verdict, words, by=clara)
        told = Finding.objects.filter(source=Finding.Source.DEVIATION).order_by("opened_at").first()
        if told is not None:
            take_step(told.pk, Step.TRIAGE, "One call, told by the rep herself.", grade="MINOR", by=clara)
            take_step(
                told.pk,
                Step.INVESTIGATE,
                "Read the record and ask her.",
                investigator=users["katrin"],
                by=clara,
            )
            hear(
                told.pk, "That a question about a trial was answered and not passed on to Medical.", by=clara
            )


def _finding_that_was_closed(users: Users, market: Market, at: datetime) -> None:
    clara, katrin, lead, msl = (users[key] for key in ("clara", "katrin", "tom", "murat"))
    with acting_as(katrin, at=at):
        (plan,) = plan_observations(market, [msl], [at.date()], Observation.Kind.VISIT, by=katrin)
    with acting_as(katrin, at=at + timedelta(hours=9)):
        visit = Interaction.objects.filter(author=msl, starts_at__lt=at).order_by("-starts_at").first()
        seen = record_observation(
            plan.pk, "Slides of an older version were shown.", found=True, by=katrin, interaction=visit
        )
    found = seen.finding_id
    assert found is not None  # noqa: S101 - what was wrong became a finding
    with acting_as(clara, at=at + timedelta(days=1)):
        take_step(found, Step.TRIAGE, "The content was the same but for the date.", grade="MINOR", by=clara)
        take_step(found, Step.INVESTIGATE, "Which version, since when.", investigator=katrin, by=clara)
        hearing = hear(found, "That slides of an older version were shown.", by=clara)
    with acting_as(msl, at=at + timedelta(days=2)):
        answer_hearing(hearing.pk, "The newer ones were not on my device yet.", by=msl)
    with acting_as(katrin, at=at + timedelta(days=4)):
        take_step(
            found,
            Step.CONFIRM,
            "The older version was shown once.",
            evidence="Device list of the day",
            by=katrin,
        )
        measure = set_measure(
            found,
            "Check the devices of the team for old versions",
            owner=lead,
            due_on=(at + timedelta(days=20)).date(),
            by=katrin,
        )
        take_step(found, Step.PLAN, "It happens nowhere else once devices are checked.", by=katrin)
    with acting_as(lead, at=at + timedelta(days=12)):
        complete_measure(measure.pk, "All devices checked, list filed", by=lead)
    with acting_as(katrin, at=at + timedelta(days=14)):
        take_step(found, Step.DONE, "The list names every device.", by=katrin)
    with acting_as(katrin, at=at + timedelta(days=80)):
        take_step(found, Step.CHECK, "Ten visits since were looked at.", by=katrin)
    with acting_as(clara, at=at + timedelta(days=81)):
        take_step(
            found, Step.CLOSE, "No older version since.", told="It is settled; nothing more to do.", by=clara
        )


def _observed(users: Users, market: Market, today: datetime) -> None:
    """Two visits of each MSL a year, one of them seen already."""
    clara = users["clara"]
    msls = [users[key] for key in ("lena", "murat", "felix")]
    days = [(today - timedelta(days=20)).date(), (today + timedelta(days=70)).date()]
    with acting_as(clara, at=today - timedelta(days=60)):
        rows = plan_observations(market, msls, days, Observation.Kind.VISIT, by=clara)
    with acting_as(clara, at=today - timedelta(days=21)):
        record_observation(rows[0].pk, "The question was passed on as it was asked.", found=False, by=clara)
