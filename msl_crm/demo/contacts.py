"""A year of visits, lectures and trainings, today's calendar, and a few things that went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from accounts.acting import acting_as
from accounts.models import User
from compliance.actions import report_deviation
from compliance.policy import (
    Basis,
    Channel,
    Document,
    Intent,
    Kind,
    Refused,
    Role,
    Side,
    State,
    Subject,
    Zone,
)
from interactions import actions
from interactions.facts import Event, Present, Spoken, gather
from kols.models import KOL, Ownership, Relation
from msl_crm.demo import readiness
from msl_crm.demo.experts import Experts
from products.actions import propose_entry
from products.models import Theme, TherapeuticArea, Use

VISITS_A_WEEK = {"lena": 5, "murat": 3, "felix": 6, "sofia": 4}
HEARD = (
    "Sees the guideline change in two of her wards already.",
    "Wants the subgroup data once it is public.",
    "The registry shows more elderly patients than the trial did.",
    "Asks for slides for the residents.",
    "Finds the dosing above eighty unclear.",
    "Would like to compare endpoints with her own cohort.",
)
QUESTIONS = (
    "Does the cut-off of thirty hold in the newer trial?",
    "What is known about switching from the older therapy?",
    "When will the phase III read-out be published?",
)
PROMISES = (
    "Send the subgroup data once it is public",
    "Slides for the residents",
    "Name of the trial coordinator",
)
LECTURES = ("HFpEF phenotypes", "What the registry teaches", "Reading endpoints", "Kidney and heart together")


@dataclass
class Year:
    """What the telling needs at every turn."""

    known: Experts
    uses: dict[tuple[str, str], Use]
    users: dict[str, User]
    now: datetime
    random: Random

    def kols_of(self, key: str) -> list[KOL]:
        """The experts of an MSL, those of the first tier more often."""
        mine = {
            relation.kol_id: relation.kol for relation, msl in self.known.relations if msl == self.users[key]
        }
        return [kol for kol in mine.values() for _ in range(4 - self.known.tiers[kol.pk])]

    def each_of(self, key: str) -> list[KOL]:
        """Everybody a colleague answers to, once, in an order that is the same whenever the demo is made."""
        return sorted({k.pk: k for k in self.kols_of(key)}.values(), key=lambda k: (k.sort_name, k.email))

    def answers_before_authorisation(self, msl: User, kol: KOL) -> bool:
        """Whether the colleague answers to the expert for something that is not authorised."""
        return any(
            relation.kol_id == kol.pk and owner == msl and relation.use.zone(self.now) is Zone.PRE
            for relation, owner in self.known.relations
        )

    def event(self, kol: KOL, start: datetime, *, kind: Kind = Kind.VISIT, minutes: int = 30) -> Event:
        """Calls and lectures are in person, and whoever has not agreed to mail is not asked to a video call."""
        market = next(p for p in kol.practices.all() if p.main).market
        channel = self.random.choices((Channel.IN_PERSON, Channel.VIDEO, Channel.PHONE), weights=(6, 3, 1))[0]
        if kind is not Kind.VISIT or (channel is Channel.VIDEO and kol.pk not in self.known.by_mail):
            channel = Channel.IN_PERSON
        return Event(
            kind=kind,
            channel=channel,
            starts_at=start,
            ends_at=start + timedelta(minutes=minutes),
            market=market,
        )


def a_year(
    known: Experts, uses: dict[tuple[str, str], Use], users: dict[str, User],
    *, today: datetime, now: datetime, random: Random,
) -> None:  # fmt: skip
    """Everything from a year ago until this minute, and what is planned for the next two weeks."""
    year = Year(known, uses, users, now, random)
    for key, weekly in VISITS_A_WEEK.items():
        for back in range(52, -1, -1):
            monday = today - timedelta(days=today.weekday(), weeks=back)
            for _ in range(max(0, weekly + random.choice((-1, 0, 0, 1)))):
                start = monday + timedelta(
                    days=random.randrange(5), hours=random.randrange(7, 15), minutes=random.choice((0, 30))
                )
                if start < now - timedelta(days=1):
                    _visit(year, key, random.choice(year.kols_of(key)), start)
        _lectures(year, key, today)
        _calendar(year, key, today)
    _calls(year, today)
    _mishaps(year, today)


def _visit(year: Year, key: str, kol: KOL, start: datetime) -> None:
    """A visit as it is logged the same evening: the disease area, and a product where it may be."""
    msl, random = year.users[key], year.random
    with acting_as(msl, at=start + timedelta(hours=random.choice((1, 4, 26)))):
        topics = [_area(kol, random)]
        relation = next((r for r, owner in year.known.relations if r.kol_id == kol.pk and owner == msl), None)
        if relation is not None and random.random() < 0.55:
            topics.append(_about(relation, msl, start, random))
        people = [Present(kol=kol, main=True)]
        try:
            visit = actions.log_interaction(
                by=msl, event=year.event(kol, start), topics=topics, people=people, side_effect=False,
                institution=kol.main_institution, note=random.choice(HEARD) if random.random() < 0.5 else "",
            )  # fmt: skip
        except Refused:
            # As in life: not everything may be said to everybody, and the trail remembers the attempt.
            return
        if random.random() < 0.12:
            due = (start + timedelta(days=random.choice((10, 20, 40)))).date()
            follow_up = actions.add_follow_up(
                by=msl,
                what=random.choice(PROMISES),
                due_on=due,
                market=visit.market,
                kol=kol,
                interaction=visit,
                promised=True,
            )
            if due < year.now.date() - timedelta(days=3):
                actions.complete_follow_up(follow_up, by=msl)


def _area(kol: KOL, random: Random) -> Spoken:
    area = TherapeuticArea.objects.get(name=AREAS[kol.specialty])
    themes = list(Theme.objects.filter(area=area))
    return Spoken(
        subject=Subject.DISEASE, area=area, themes=tuple(random.sample(themes, 1)), heard=random.choice(HEARD)
    )


AREAS = {
    "Cardiology": "Heart failure",
    "Nephrology": "Kidney disease",
    "Oncology": "Lymphoma",
    "Dermatology": "Psoriasis",
    "Neurology": "Migraine",
}


def _about(relation: Relation, msl: User, start: datetime, random: Random) -> Spoken:
    """The use of a relation: freely while open and hers, otherwise because the doctor asked."""
    use = relation.use
    themes = tuple(Theme.objects.filter(indication=use.indication_id)[:1])
    owned = Ownership.objects.filter(
        relation=relation, owner=msl, side=Side.MEDICAL, during__contains=start
    ).exists()
    if use.zone(start) is Zone.OPEN and owned:
        return Spoken(subject=Subject.USE, use=use, basis=Basis.PROACTIVE, themes=themes)
    request = {"question": random.choice(QUESTIONS), "asked_at": start.isoformat()}
    return Spoken(
        subject=Subject.USE,
        use=use,
        basis=Basis.UNSOLICITED_REQUEST,
        themes=themes,
        documents={Document.REQ: request, Document.STATUS: {"said": True}},
    )


def _lectures(year: Year, key: str, today: datetime) -> None:
    """One lecture and one training a quarter, with a handful of experts."""
    msl, random = year.users[key], year.random
    for quarter in range(4, 0, -1):
        start = today - timedelta(days=90 * quarter - 20) + timedelta(hours=14)
        guests = random.sample(year.each_of(key), 6)
        with acting_as(msl, at=start + timedelta(hours=3)):
            actions.log_interaction(
                by=msl,
                event=year.event(guests[0], start, kind=Kind.SCIENTIFIC_LECTURE, minutes=90),
                topics=[_area(guests[0], random)],
                people=[Present(kol=kol, main=not n) for n, kol in enumerate(guests)],
                side_effect=False,
                title=LECTURES[quarter % len(LECTURES)],
                institution=guests[0].main_institution,
            )


def _calendar(year: Year, key: str, today: datetime) -> None:
    """Today's visits, one of which has just ended; the rest of the week; one from yesterday that is not logged."""
    msl, random = year.users[key], year.random
    ended = max(year.now - timedelta(minutes=34), today + timedelta(minutes=1))
    later = year.now + timedelta(hours=4)
    if later > today + timedelta(hours=19):
        later = today + timedelta(days=1, hours=16)
    starts = [ended, year.now + timedelta(minutes=38), later]
    starts += [
        today + timedelta(days=day, hours=hour)
        for day, hour in ((1, 9), (1, 13), (2, 10), (3, 9), (7, 10), (8, 14))
    ]
    if key in ("murat", "felix"):
        starts.append(today - timedelta(days=1) + timedelta(hours=10))
    # Whoever tries the demo begins with the visit that has just ended: with somebody who may ask for more.
    tried = [kol for kol in year.each_of(key) if year.answers_before_authorisation(msl, kol)]
    first = random.sample(tried, 1) if tried else []
    others = [kol for kol in year.each_of(key) if kol not in first]
    kols = [*first, *random.sample(others, len(starts) - len(first))]
    for kol, start in zip(kols, starts, strict=True):
        with acting_as(msl, at=year.now - timedelta(days=4)):
            actions.plan_interaction(
                by=msl, event=year.event(kol, start.replace(second=0, microsecond=0)), topics=[replace(_area(kol, random), heard="")],
                people=[Present(kol=kol, main=True)], institution=kol.main_institution,
            )  # fmt: skip


def _calls(year: Year, today: datetime) -> None:
    """Field service calls on what it owns, with the current label in hand."""
    for key in ("jonas", "pia", "nico", "luca"):
        rep = year.users[key]
        with acting_as(rep, at=year.now - timedelta(minutes=1)):
            owned = list(
                Ownership.objects.visible_to(rep).current(year.now).select_related("relation__kol", "relation__use")
                .order_by("relation__kol__sort_name", "pk")[:8]
            )  # fmt: skip
        for number, row in enumerate(owned):
            start = today - timedelta(days=3 + 2 * number) + timedelta(hours=9)
            if row.during.lower >= start - timedelta(days=2):
                continue
            with acting_as(rep, at=start + timedelta(hours=2)):
                topic = Spoken(
                    subject=Subject.USE, use=row.relation.use,
                    documents={
                        Document.SMPC: {"said": True},
                        Document.MAT: {"materials": readiness.shown(row.relation.use, Side.COMMERCIAL, start)},
                    },
                )  # fmt: skip
                actions.log_interaction(
                    by=rep, event=year.event(row.relation.kol, start, kind=Kind.PRODUCT_CALL), topics=[topic],
                    people=[Present(kol=row.relation.kol, main=True)], side_effect=False,
                )  # fmt: skip


def _mishaps(year: Year, today: datetime) -> None:
    """An entry that is not complete, a side effect that was heard, and a deviation somebody told of."""
    from safety.actions import report_side_effect

    msl = year.users["lena"]
    relation = next(r for r, owner in year.known.relations if owner == msl and "lexafiban" in str(r.use))
    start = today - timedelta(days=2) + timedelta(hours=11)
    with acting_as(msl, at=start + timedelta(hours=5)):
        actions.log_interaction(
            by=msl, event=year.event(relation.kol, start), people=[Present(kol=relation.kol, main=True)],
            topics=[Spoken(subject=Subject.USE, use=relation.use, basis=Basis.UNSOLICITED_REQUEST)], side_effect=False,
        )  # fmt: skip
        report_side_effect(
            by=msl, product_words="Cardelin", what_happened="Dizziness on the second day, resolved by itself.",
            who_told="The treating doctor", learned_at=start, kol=relation.kol,
        )  # fmt: skip
    _for_the_desks(year, today)


def _for_the_desks(year: Year, today: datetime) -> None:
    """A call that must not have been, told by the rep herself, and an entry that waits for a second person."""
    rep, rita = year.users["jonas"], year.users["rita"]
    use = year.uses["lexafiban Heart failure with preserved ejection fraction", "DE"]
    start = today - timedelta(days=4) + timedelta(hours=10)
    with acting_as(rep, at=start + timedelta(hours=6)):
        kol = Ownership.objects.visible_to(rep).order_by("relation__kol__sort_name", "pk")[0].relation.kol
        event = year.event(kol, start, kind=Kind.PRODUCT_CALL)
        facts: dict[str, Any] = {
            "topics": [Spoken(subject=Subject.USE, use=use)],
            "people": [Present(kol=kol, main=True)],
        }
        try:
            actions.log_interaction(by=rep, event=event, side_effect=False, **facts)
        except Refused:
            found = gather(by=rep, role=Role.FIELD_SERVICE, intent=Intent.RECORD, event=event, **facts)
            words = "The doctor asked about a trial and I answered instead of passing the question on."
            report_deviation(found.act, words, happened_at=start, by=rep)
    dermilo = year.uses["Dermilo Plaque psoriasis", "CH"]
    with acting_as(rita, at=today - timedelta(days=1) + timedelta(hours=8)):
        propose_entry(
            dermilo, State.AUTHORISED, effective_at=dermilo.market.start_of((today - timedelta(days=1)).date()),
            evidence="Swiss authority, decision CH-66712", by=rita,
        )  # fmt: skip
