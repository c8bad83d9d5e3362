"""From what a door hands over and what the database knows to the facts the policy judges.

Everything is read as of the event (R-065): whose relation it was, where a use stood, what was signed by
then. The instant of writing it down adds duties, never permission. Nothing here decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from accounts.acting import now
from accounts.models import Market, User
from compliance import packs, policy
from compliance.policy import (
    Audience,
    Basis,
    Channel,
    Document,
    Intent,
    Role,
    Side,
    Subject,
)
from compliance.policy.topics import markets as applicable_markets
from compliance.policy.topics import number
from interactions import evidence, joint, materials, moved, preclear, then
from interactions.changes import NONE, Changes
from interactions.contacts import Known, known_of
from interactions.handed import NOTHING, Given, sample_facts, value_facts
from interactions.lifecycle import Lifecycle
from interactions.lookup import Asked, Found, look, standing_of
from interactions.models import Interaction
from interactions.skills import PRODUCT, Skills, skills_of
from interactions.spoken import Event, Present, Spoken
from interactions.standing import Standings, standings, standings_then, uses_of
from kols.models import KOL, Practice
from products.models import Period
from products.supposing import Supposed

if TYPE_CHECKING:
    from interactions.words import Found as Marked

__all__ = ["Event", "Gathered", "Present", "Spoken", "gather"]


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """The act, and what was learned on the way: accepted evidence and the relations it touches."""

    act: policy.Act
    accepted: tuple[dict[Document, dict[str, object]], ...]
    relations: dict[tuple[UUID, UUID], UUID]
    market_names: dict[str, str]
    marked: tuple[Marked, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What is asked about, as a door has handed it over."""

    by: User
    role: Role
    intent: Intent
    event: Event
    topics: Sequence[Spoken]
    people: Sequence[Present]
    given: Given
    before: Interaction | None
    changed: Changes
    known_at: datetime | None
    supposed: Supposed | None

    @property
    def kols(self) -> list[KOL]:
        return [present.kol for present in self.people if present.kol is not None]

    @property
    def side(self) -> Side:
        return policy.side_of(self.role)


@dataclass(frozen=True, kw_only=True)
class _Learned:
    """What the database knows of the case: `there` are the markets whose rules count, `codes` every market."""

    codes: Mapping[UUID, Any]
    there: Sequence[Any]
    named: materials.Named
    found: Found
    wishes: Mapping[UUID, Known]
    skills: Skills
    standing: Standings
    lifecycle: Lifecycle


def gather(
    *,
    by: User,
    role: Role,
    intent: Intent,
    event: Event,
    topics: Sequence[Spoken],
    people: Sequence[Present],
    given: Given = NOTHING,
    before: Interaction | None = None,
    changed: Changes = NONE,
    known_at: datetime | None = None,
    supposed: Supposed | None = None,
) -> Gathered:
    """The facts of an act as they stood when it takes or took place.

    A Medical person without any relation to the experts there speaks as a scientific contact does; where
    a relation exists, only its owner, cover or contact of that instant counts (R-049). `before` is the
    record that is being changed, which does not count against itself. With `known_at`, lifecycle, owners,
    training, consents, requests, rules, covers, contacts, practices, plan items, studies and contracts are those
    that were known at that instant; materials carry their own instants. With `supposed`, an entry counts that
    nobody has confirmed.
    """
    case = _Case(
        by=by, role=role, intent=intent, event=event, topics=topics, people=people, given=given, before=before,
        changed=changed, known_at=known_at, supposed=supposed,
    )  # fmt: skip
    codes = _markets(event, case.kols, known_at)
    act = _outline(case, codes)
    learned = _learn(case, act, codes)
    checked = evidence.checked(
        event=event, topics=topics, people=people, named=learned.named, found=learned.found
    )
    judged = [
        _topic(case, act, learned, topic, basis, documents)
        for topic, (basis, documents) in zip(topics, checked, strict=True)
    ]
    return Gathered(
        act=_whole(case, act, learned, judged),
        accepted=tuple(documents for _basis, documents in checked),
        relations=learned.standing.relations,
        market_names={market.code: market.name for market in learned.there},
    )


def _outline(case: _Case, codes: Mapping[UUID, Any]) -> policy.Act:
    """The act before anybody has looked: who, when, where, and which rules are in force there."""
    event = case.event
    versions = {market.code: market.pack for market in codes.values() if market.active and market.pack}
    act = policy.Act(
        role=case.role,
        intent=case.intent,
        kind=event.kind,
        channel=event.channel,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        recorded_at=now(),
        market=event.market.code,
        people=tuple(_people(case.people, codes, {})),
        packs=frozenset(versions),
        late_reason=bool(event.late_reason.strip()),
        joint_request=bool(event.joint_request.strip()),
        values=tuple(value_facts(case.given, event, case.intent, case.side)),
        moved_from=case.changed.first_start,
        change_reason=case.changed.reasoned,
    )
    places = applicable_markets(act)
    return replace(act, pack_versions=tuple((code, versions[code]) for code in places if code in versions))


def _learn(case: _Case, act: policy.Act, codes: Mapping[UUID, Any]) -> _Learned:
    """Look everything up at once; by what was known then, or as if an entry counted, where that is asked."""
    by, side, event, topics, kols = case.by, case.side, case.event, case.topics, case.kols
    places = applicable_markets(act)
    there = [market for market in codes.values() if market.code in places]
    named = materials.named(by, topics)
    found = look(
        _asked(by, side, event, topics, kols, act, markets={market.pk: market for market in there},
               mentioned=tuple(named.indications), left_out=case.before.pk if case.before else None,
               known=case.known_at, samples=bool(case.given.samples), **_beside(by, side, case.people, act))
    )  # fmt: skip
    wishes, skills = known_of(found.wishes, event.starts_at, side), skills_of(found.person)
    standing = standings(side, kols, found.standing)
    periods: Iterable[Period] = found.periods
    if case.known_at is not None:
        wishes = then.wishes(wishes, kols, event.starts_at, side, case.known_at)
        skills = then.skills(skills, by, event.starts_at, case.known_at, uses_of(topics))
        standing = standings_then(by, side, event, topics, kols, case.known_at)
        periods = then.periods((use.pk for use in found.uses), case.known_at)
        wanted = evidence.looked_for(event, topics)
        found = then.engagements(found, (kol.pk for kol in kols), event.starts_at, case.known_at, **wanted)
    elif (supposed := case.supposed) is not None:
        periods = supposed.periods(use.pk for use in found.uses)
        if not supposed.is_open(supposed.at):
            # What field service owns of a use that closes comes back in the same transaction.
            standing.owned = {one for one in standing.owned if one[1] != supposed.use.pk}
    return _Learned(
        codes=codes, there=there, named=named, found=found, wishes=wishes, skills=skills, standing=standing,
        lifecycle=Lifecycle(event, found.uses, periods),
    )  # fmt: skip


def _topic(
    case: _Case, act: policy.Act, learned: _Learned, topic: Spoken, basis: Basis | None,
    documents: dict[Document, dict[str, object]],
) -> policy.Topic:  # fmt: skip
    """One topic as the boundary sees it."""
    lifecycle, skills, found = learned.lifecycle, learned.skills, learned.found
    return policy.Topic(
        ref=str(topic.key[1] or ""),
        name=topic.name,
        subject=topic.subject,
        zones=tuple(lifecycle.zones(topic, learned.there)),
        basis=basis,
        standing=learned.standing.of(topic),
        documents=frozenset(documents),
        sibling_open=lifecycle.sibling_open(topic),
        product=topic.product_ref,
        label=skills.label(topic),
        **lifecycle.asked_for(topic),
        first_call_from=skills.first_call(topic, number(act, "PP-07 first_call_after_business_days")),
        asked_at=evidence.asked_at(documents, case.event),
        prompted=evidence.was_prompted(topic, found.prompted),
        approved_preclear=preclear.covered(topic.use, case.kols, found.cleared),
        basis_before=case.changed.first_bases.get(topic.key[1]) if topic.key[1] else None,
    )


def _whole(case: _Case, act: policy.Act, learned: _Learned, judged: Sequence[policy.Topic]) -> policy.Act:
    """The act with everything that was learned."""
    event, found, skills = case.event, learned.found, learned.skills
    if case.changed.first_start is not None:
        across = _crosses(
            case.changed.first_start, case.by, case.role, event, case.topics, case.kols, learned.lifecycle,
            learned.standing,
        )  # fmt: skip
        act = replace(act, moved_across=across)
    answers = [topic.basis is Basis.UNSOLICITED_REQUEST for topic in judged if topic.subject != Subject.ADMIN]
    act = replace(
        act,
        topics=tuple(judged),
        people=tuple(_people(case.people, learned.codes, learned.wishes)),
        samples=tuple(sample_facts(case.given, event, learned.wishes, found.first_requests)),
        certificates=skills.certificates,
        former=skills.former,
        other_side_that_day=skills.both_sides,
        introduction=joint.is_introduction(
            case.kols,
            case.topics,
            found.handed_over,
            found.joint_before,
            number(act, "PP-05 joint_introduction_visits"),
        ),
        materials=learned.named.facts(event.starts_at, learned.lifecycle, learned.there, case.supposed),
        answering=event.channel == Channel.EMAIL and bool(answers) and all(answers),
    )
    return replace(act, date_approved=moved.still_approved(case.before, act)) if act.moved_across else act


def _crosses(
    first: datetime,
    by: User,
    role: Role,
    event: Event,
    topics: Sequence[Spoken],
    kols: Sequence[KOL],
    lifecycle: Lifecycle,
    standing: Standings,
) -> bool:
    """Whether a zone or an owner changed between the instant first saved and this one (R-069)."""
    side, then_ = (
        policy.side_of(role),
        replace(event, starts_at=first, ends_at=first + (event.ends_at - event.starts_at)),
    )
    markets = list({use.market_id: use.market for use in lifecycle.uses}.values())
    before = Lifecycle.of(topics, [market.pk for market in markets], then_)
    rows = standing_of(by.pk, side, (kol.pk for kol in kols), uses_of(topics), then_.starts_at, then_.ends_at)
    was = standings(side, kols, rows if kols else ())
    return any(
        tuple(before.zones(topic, markets)) != tuple(lifecycle.zones(topic, markets))
        or was.of(topic) != standing.of(topic)
        for topic in topics
    )


def _markets(event: Event, kols: Sequence[KOL], known_at: datetime | None) -> dict[UUID, Any]:
    """Every market with the rules in force there, and which of these experts practise in it. One statement."""
    met = Practice.objects.filter(market=OuterRef("pk"), kol__in=kols).values("kol")
    rows = Market.objects.annotate(pack=packs.in_force(event.starts_at, known_at), met=ArraySubquery(met))
    markets: dict[UUID, Any] = {market.pk: market for market in rows}
    if known_at is not None:
        past = then.practices((kol.pk for kol in kols), known_at)
        # Of whom nothing was known then, today's practice counts: more markets never make an answer laxer.
        known = {kol for there in past.values() for kol in there}
        for pk, market in markets.items():
            market.met = [*past.get(pk, ()), *(kol for kol in market.met if kol not in known)]
    return markets


def _beside(by: User, side: Side, people: Sequence[Present], act: policy.Act) -> dict[str, Any]:
    """Who of the other side is there, and who of them answers for field service (R-061)."""
    others = tuple(
        one.colleague.pk
        for one in people
        if one.colleague is not None and {one.colleague.side, side} == {Side.MEDICAL, Side.COMMERCIAL}
    )
    reps = () if not others else (by.pk,) if side is Side.COMMERCIAL else others
    return {
        "beside": others, "reps": reps,
        "introduction_days": number(act, "PP-05 joint_introduction_within_days"),
    }  # fmt: skip


def _asked(
    by: User,
    side: Side,
    event: Event,
    topics: Sequence[Spoken],
    kols: Sequence[KOL],
    act: policy.Act,
    **more: Any,
) -> Asked:
    """What is looked for: only what these topics turn on."""
    return Asked(
        by=by.pk,
        side=side,
        at=event.starts_at,
        until=event.ends_at,
        kols=tuple(kol.pk for kol in kols),
        uses=uses_of(topics),
        products=tuple({topic.use.indication.product_id for topic in topics if topic.use is not None}),
        areas=tuple({t.area.pk for t in topics if t.subject == Subject.DISEASE and t.area is not None}),
        kind=str(event.kind),
        about_a_product=any(topic.subject in PRODUCT for topic in topics),
        cooling_off_days=number(act, "PP-06 cooling_off_days"),
        look_back_days=number(act, "PP-21 prompted_question_days"),
        **evidence.looked_for(event, topics),
        **more,
    )


def _people(
    people: Iterable[Present], markets: Mapping[UUID, Any], known: Mapping[UUID, Known]
) -> Iterable[policy.Person]:
    for present in people:
        if present.colleague is not None:
            side = present.colleague.side
            yield policy.Person(ref=str(present.colleague.pk), audience=Audience.INTERNAL, side=side)
        elif present.kol is not None:
            pk = present.kol.pk
            found = tuple(sorted(market.code for market in markets.values() if pk in market.met))
            more = known[pk].facts if pk in known else {}
            yield policy.Person(ref=str(pk), audience=present.audience, markets=found, **more)
        else:
            yield policy.Person(ref=present.name, audience=present.audience)
