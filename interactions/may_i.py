"""May I? The boundary asked for any person, expert, use and instant, without doing anything (section 2 of the rulebook).

The same facts and the same policy as when a contact is logged. For the past there are two answers: by what is
known now, and by what was known then; where they differ, somebody recorded something late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.acting import acting_as, now, system
from accounts.models import Appointment, Market, User
from accounts.people import role_at, team_of
from compliance import policy
from compliance.policy import (
    Act,
    Basis,
    Channel,
    Decision,
    Document,
    Intent,
    Kind,
    Outcome,
    Refused,
    Role,
    Side,
    Subject,
    in_words,
)
from compliance.policy.rulings import decision, denied
from interactions import then
from interactions.asking import judged
from interactions.facts import Event, Gathered, Present, Spoken
from kols.models import KOL, Ownership
from msl_crm.dates import date_in_words
from products.models import Use

Translate = Callable[[str], str]
READERS = (Role.COMPLIANCE, Role.AUDITOR)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Who would meet whom, about what, how, on whose initiative, when and where. Instants are aware.

    With `until` the whole time from `at` to then is asked about: a day of which nobody knows the hour (R-002).
    """

    person: User
    kol: KOL
    market: Market
    use: Use | None = None
    kind: Kind = Kind.VISIT
    channel: Channel = Channel.IN_PERSON
    basis: Basis | None = None
    at: datetime
    until: datetime | None = None

    @property
    def event(self) -> Event:
        return Event(
            kind=self.kind, channel=self.channel, starts_at=self.at,
            ends_at=self.until or self.at + timedelta(minutes=30), market=self.market,
        )  # fmt: skip

    @property
    def known(self) -> datetime:
        """When somebody who acted would have known it: of a day, by its end."""
        return self.until or self.at

    @property
    def end_of_day(self) -> Question:
        """The last moment of a day that is asked about as a whole."""
        return replace(self, at=self.until or self.at)


def whole_day(market: Market, day: date) -> dict[str, datetime]:
    """The first and the last moment of a local day, which has 23, 24 or 25 hours."""
    last = market.start_of(day + timedelta(days=1)).astimezone(UTC) - timedelta(microseconds=1)
    return {"at": market.start_of(day), "until": last.astimezone(market.tz)}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the boundary says, and from which facts. `act` is missing where nothing was judged."""

    decision: Decision
    act: Act | None = None
    known_at: datetime | None = None
    owner: str = ""
    names: dict[str, str] | None = None

    @property
    def outcome(self) -> Outcome:
        return self.decision.outcome

    def documents(self, translate: Translate = str) -> list[str]:
        """What must be there, in words."""
        order = list(Document)
        return [translate(in_words(one)) for one in sorted(self.decision.missing, key=order.index)]

    def reasons(self, translate: Translate = str) -> list[str]:
        """Why not, each with its rule and the way on."""
        if self.outcome is not Outcome.NOT_ALLOWED:
            return []
        return list(Refused(self.decision, self.names).told(translate))

    def facts(self, translate: Translate = str) -> list[tuple[str, str]]:
        """What the answer rests on, as label and value."""
        if self.act is None:
            return []
        zones = {
            f"{self._market(place.market)}: {translate(in_words(place.zones[0]))}"
            for topic in self.act.topics
            for place in topic.zones
        }
        held = [translate(in_words(one.kind)) for one in self.act.certificates or ()]
        rules = [f"{self._market(code)} {version}" for code, version in self.act.pack_versions]
        return [
            (label, value)
            for label, value in (
                (_("Role on that day"), translate(in_words(self.act.role))),
                (_("Where it stands"), ", ".join(sorted(zones))),
                (_("Who answers"), self.owner),
                (_("Certificates"), ", ".join(sorted(set(held)))),
                (_("Rules in force"), ", ".join(rules)),
            )
            if value
        ]

    def _market(self, code: str) -> str:
        return (self.names or {}).get(code, code)


def people(asker: User) -> QuerySet[User]:
    """About whom somebody may ask: herself, a lead about her team, oversight about everybody who meets experts.

    Oversight asks about those too who have left, or stand on the other side by now.
    """
    everybody = User.objects.order_by("family_name", "given_name", "pk")
    if asker.role in READERS:
        sides = (Side.MEDICAL, Side.COMMERCIAL)
        return everybody.filter(Exists(Appointment.objects.filter(user=OuterRef("pk"), side__in=sides)))
    team = {asker.pk, *team_of(asker)} if asker.role in (Role.MSL_LEAD, Role.FIELD_LEAD) else {asker.pk}
    return everybody.filter(pk__in=team, is_active=True)


def answer(question: Question, *, asker: User, known_at: datetime | None = None) -> Answer:
    """The boundary's answer, by what is known now or, with `known_at`, by what was known at that instant.

    Nothing is written, and a refusal is no event: nobody has tried anything. Whoever cannot see the expert
    or the use gets no answer here; the doors ask for both among what is visible to her.
    """
    known = known_at if known_at is not None and known_at < now() else None
    if asker.pk == question.person.pk:
        return _strictest(question, asker, known)
    with acting_as(system("answer what somebody may", by=asker)):
        found = _strictest(question, asker, known)
    # As far as she may know it herself: the product has just read more than that.
    return replace(found, owner=_owner(question, asker, known)) if found.act else found


def _strictest(question: Question, asker: User, known: datetime | None) -> Answer:
    """A day is judged from its beginning, through every change of a zone, and once more at its end (R-002)."""
    first = _answer(question, asker, known)
    if question.until is None or first.outcome is Outcome.NOT_ALLOWED:
        return first
    return max(first, _answer(question.end_of_day, asker, known), key=lambda one: one.outcome)


def _answer(question: Question, asker: User, known: datetime | None) -> Answer:
    person, role = question.person, _role(question, known)
    # Oversight asks what somebody might do in the role she had; nobody writes it down from the other side.
    here = role is not None and policy.side_of(role) == person.side
    if role is None or not (here or asker.role in READERS):
        return Answer(
            decision=decision(
                denied("R-140", "deed_not_yours", role=str(role or ""), deed="log_interaction")
            ),
            known_at=known,
        )
    if not _knows(question, role, today=here and known is None):
        return Answer(decision=decision(denied("R-048", "not_yours")), known_at=known)
    event, subject = question.event, Subject.USE if question.use else Subject.ADMIN
    with transaction.atomic():
        found, answer_ = judged(
            by=person, role=role, intent=Intent.PLAN if question.at > now() else Intent.RECORD, event=event,
            topics=[Spoken(subject=subject, use=question.use, basis=question.basis)],
            people=[Present(kol=question.kol, main=True)], known_at=known,
        )  # fmt: skip
        if found is None:
            transaction.set_rollback(True)
    if found is None:
        return Answer(decision=answer_, known_at=known)
    # Nobody asks how late it would be written down.
    act = replace(found.act, recorded_at=event.ends_at if question.at <= now() else found.act.recorded_at)
    return Answer(
        decision=policy.decide(act),
        act=act,
        known_at=known,
        owner=_owner(question, asker, known),
        names=_names(found),
    )


def _role(question: Question, known: datetime | None) -> Role | None:
    if known is not None:
        return then.role_then(question.person, question.at, known)
    held = role_at(question.person, question.at)
    return held[0] if held else None


def _knows(question: Question, role: Role, *, today: bool) -> bool:
    """Whether the person may know of the expert, or might then.

    Of the past the boundary itself asks what was field service's; Medical knew the experts of its markets.
    """
    if today:
        known = KOL.objects.visible_to(question.person)
    elif policy.side_of(role) is Side.COMMERCIAL:
        return True
    else:
        held = role_at(question.person, question.at)
        known = KOL.objects.practising_in(held[1] if held else question.person.market_ids)
    return known.filter(pk=question.kol.pk).exists()


def _owner(question: Question, asker: User, known: datetime | None) -> str:
    """Who answered to the expert for the use at that instant, as far as the asker may know, and as it was known."""
    if question.use is None:
        return ""
    if known is None:
        rows = Ownership.objects.visible_to(asker).current(question.at).filter(relation__kol=question.kol)
        row = rows.filter(relation__use=question.use).select_related("owner").first()
        held = (row.owner, row.side, row.during.lower) if row else None
    else:
        held = _owner_then(question, asker, known)
    if held is None:
        return ""
    since = date_in_words(question.market.local_day(held[2]))
    side = _("field service") if held[1] == Side.COMMERCIAL else _("Medical")
    return _("%(name)s, %(side)s, since %(day)s") % {"name": held[0].name, "side": side, "day": since}


def _owner_then(question: Question, asker: User, known: datetime) -> tuple[User, str, datetime] | None:
    found = then.owners([question.kol.pk], question.at, question.at, known)
    rows = [one for one in found if question.use is not None and one.use == question.use.pk]
    if asker.side is Side.COMMERCIAL:
        # Field service hears of nobody but its own people, a rep of nobody but herself (decision 12).
        hers = set(people(asker).values_list("pk", flat=True))
        rows = [one for one in rows if one.side == Side.COMMERCIAL and one.owner in hers]
    return (User.objects.get(pk=rows[0].owner), rows[0].side, rows[0].since) if rows else None


def _names(found: Gathered) -> dict[str, str]:
    names = dict(found.market_names)
    return {**names, "market": next(iter(names.values()))} if len(names) == 1 else names


def as_json(found: Answer, translate: Translate = str) -> dict[str, Any]:
    """The answer on the wire."""
    return {
        "outcome": found.outcome.name,
        "rules": list(found.decision.rules),
        "documents": [str(one) for one in sorted(found.decision.missing)],
        "documents_in_words": found.documents(translate),
        "reasons": found.reasons(translate),
        "facts": [{"label": label, "value": value} for label, value in found.facts(translate)],
        "known_at": found.known_at,
        "policy_version": found.decision.version,
    }


__all__ = ["Answer", "Question", "answer", "as_json", "people", "whole_day"]
