"""May I? The boundary asked for any person, expert, use and instant, without doing anything (section 2 of the rulebook).

The same facts and the same policy as when a contact is logged. For the past there are two answers: by what is
known now, and by what was known then; where they differ, somebody recorded something late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.acting import acting_as, now, system
from accounts.models import Market, User
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
from interactions.facts import Event, Gathered, Present, Spoken, gather
from kols.models import KOL, Ownership
from msl_crm.dates import date_in_words
from products.models import Use

Translate = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Question:
    """Who would meet whom, about what, how, on whose initiative, when and where. Instants are aware."""

    person: User
    kol: KOL
    market: Market
    use: Use | None = None
    kind: Kind = Kind.VISIT
    channel: Channel = Channel.IN_PERSON
    basis: Basis | None = None
    at: datetime


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
    """About whom somebody may ask: herself, a lead about her team, oversight about everybody who meets experts."""
    everybody = User.objects.filter(is_active=True).order_by("family_name", "given_name", "pk")
    if asker.role in (Role.COMPLIANCE, Role.AUDITOR):
        return everybody.filter(
            role__in=[str(role) for role in Role if policy.side_of(role) in (Side.MEDICAL, Side.COMMERCIAL)]
        )
    if asker.role in (Role.MSL_LEAD, Role.FIELD_LEAD):
        return everybody.filter(pk__in={asker.pk, *team_of(asker)})
    return everybody.filter(pk=asker.pk)


def answer(question: Question, *, asker: User, known_at: datetime | None = None) -> Answer:
    """The boundary's answer, by what is known now or, with `known_at`, by what was known at that instant.

    Nothing is written, and a refusal is no event: nobody has tried anything. Whoever cannot see the expert
    or the use gets no answer here; the doors ask for both among what is visible to her.
    """
    event = Event(
        kind=question.kind, channel=question.channel, starts_at=question.at,
        ends_at=question.at + timedelta(minutes=30), market=question.market,
    )  # fmt: skip
    known = known_at if known_at is not None and known_at < now() else None
    if asker.pk == question.person.pk:
        return _answer(question, event, asker, known)
    with acting_as(system("answer what somebody may", by=asker)):
        found = _answer(question, event, asker, known)
    return replace(found, owner=_owner(question, asker))


def _answer(question: Question, event: Event, asker: User, known: datetime | None) -> Answer:
    person, role = question.person, _role(question, known)
    if role is None or policy.side_of(role) != person.side:
        return Answer(
            decision=decision(denied("R-140", "deed_not_yours", role=str(role or ""), deed="log_interaction"))
        )
    if not KOL.objects.visible_to(person).filter(pk=question.kol.pk).exists():
        return Answer(decision=decision(denied("R-048", "not_yours")), known_at=known)
    subject = Subject.USE if question.use else Subject.ADMIN
    found = gather(
        by=person, role=role, intent=Intent.PLAN if question.at > now() else Intent.RECORD, event=event,
        topics=[Spoken(subject=subject, use=question.use, basis=question.basis)],
        people=[Present(kol=question.kol, main=True)], known_at=known,
    )  # fmt: skip
    # Nobody asks how late it would be written down.
    act = replace(found.act, recorded_at=event.ends_at if question.at <= now() else found.act.recorded_at)
    return Answer(
        decision=policy.decide(act),
        act=act,
        known_at=known,
        owner=_owner(question, asker),
        names=_names(found),
    )


def _role(question: Question, known: datetime | None) -> Role | None:
    if known is not None:
        return then.role_then(question.person, question.at, known)
    held = role_at(question.person, question.at)
    return held[0] if held else None


def _owner(question: Question, asker: User) -> str:
    """Who answered to the expert for the use at that instant, as far as the asker may know."""
    if question.use is None:
        return ""
    held = (
        Ownership.objects.visible_to(asker)
        .current(question.at)
        .filter(relation__kol=question.kol, relation__use=question.use)
        .select_related("owner")
        .first()
    )
    if held is None:
        return ""
    since = date_in_words(question.market.local_day(held.during.lower))
    side = _("field service") if held.side == Side.COMMERCIAL else _("Medical")
    return _("%(name)s, %(side)s, since %(day)s") % {"name": held.owner.name, "side": side, "day": since}


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


__all__ = ["Answer", "Question", "answer", "as_json", "people"]
