"""From what a door hands over and what the database knows to the facts the policy judges.

Everything is read as of the event (R-065): whose relation it was, where a use stood, what was signed by
then. The instant of writing it down adds duties, never permission. Nothing here decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
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
    Kind,
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
from interactions.lookup import Asked, look, standing_of
from interactions.models import Interaction
from interactions.skills import PRODUCT, skills_of
from interactions.standing import Standings, standings, standings_then, uses_of
from kols.models import KOL, Practice
from products.models import Period, Product, Theme, TherapeuticArea, Use
from products.supposing import Supposed

if TYPE_CHECKING:
    from interactions.words import Found as Marked


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One thing that was, or is to be, talked about, as a door hands it over.

    `documents` is evidence by code, such as `{Document.REQ: {"question": "…", "asked_at": "…"}}`.
    """

    subject: Subject
    use: Use | None = None
    product: Product | None = None
    area: TherapeuticArea | None = None
    basis: Basis | None = None
    themes: tuple[Theme, ...] = ()
    shared: str = ""
    heard: str = ""
    documents: Mapping[Document, Mapping[str, object]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a refusal calls it."""
        return str(self.use.indication) if self.use else str(self.product or self.area or "")

    @property
    def product_ref(self) -> str:
        """The id of the product, as the boundary knows it."""
        return str(self.use.indication.product_id if self.use else self.product.pk if self.product else "")

    @property
    def key(self) -> tuple[str, UUID | None]:
        """What it is about; two topics of one record never share it."""
        about = self.use or self.product or self.area
        return str(self.subject), about.pk if about else None


@dataclass(frozen=True, kw_only=True)
class Present:
    """Somebody who is or was there: a KOL, a colleague, or a person who is only named."""

    kol: KOL | None = None
    colleague: User | None = None
    name: str = ""
    function: str = ""
    audience: Audience = Audience.PROFESSIONAL
    main: bool = False

    @property
    def key(self) -> tuple[UUID | None, UUID | None, str]:
        return self.kol.pk if self.kol else None, self.colleague.pk if self.colleague else None, self.name


@dataclass(frozen=True, kw_only=True)
class Event:
    """When, where and how; `market` is that of the place, instants are aware."""

    kind: Kind
    channel: Channel
    starts_at: datetime
    ends_at: datetime
    market: Market
    late_reason: str = ""
    joint_request: str = ""

    @property
    def during(self) -> DateTimeTZRange:
        return DateTimeTZRange(self.starts_at, self.ends_at, "[]")


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """The act, and what was learned on the way: accepted evidence and the relations it touches."""

    act: policy.Act
    accepted: tuple[dict[Document, dict[str, object]], ...]
    relations: dict[tuple[UUID, UUID], UUID]
    market_names: dict[str, str]
    marked: tuple[Marked, ...] = ()


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
    training, consents, requests and rules are those that were known at that instant; materials, studies and
    plan items are those of today. With `supposed`, an entry counts that nobody has confirmed.
    """
    kols = [present.kol for present in people if present.kol is not None]
    side = policy.side_of(role)
    codes = _markets(event, kols, known_at)
    versions = {market.code: market.pack for market in codes.values() if market.active and market.pack}
    act = policy.Act(
        role=role,
        intent=intent,
        kind=event.kind,
        channel=event.channel,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        recorded_at=now(),
        market=event.market.code,
        people=tuple(_people(people, codes, {})),
        packs=frozenset(versions),
        late_reason=bool(event.late_reason.strip()),
        joint_request=bool(event.joint_request.strip()),
        values=tuple(value_facts(given, event, intent, side)),
        moved_from=changed.first_start,
        change_reason=changed.reasoned,
    )
    places = applicable_markets(act)
    act = replace(act, pack_versions=tuple((code, versions[code]) for code in places if code in versions))
    there = [market for market in codes.values() if market.code in places]
    named = materials.named(by, topics)
    found = look(
        _asked(by, side, event, topics, kols, act, markets={market.pk: market for market in there},
               mentioned=tuple(named.indications), left_out=before.pk if before else None, known=known_at,
               samples=bool(given.samples), **_beside(by, side, people, act))
    )  # fmt: skip
    known = known_of(found.wishes, event.starts_at, side)
    skills = skills_of(found.person)
    standing = standings(side, kols, found.standing)
    periods: Iterable[Period] = found.periods
    if known_at is not None:
        known = then.wishes(known, kols, event.starts_at, side, known_at)
        skills = then.skills(skills, by, event.starts_at, known_at, uses_of(topics))
        standing = standings_then(by, side, event, topics, kols, known_at)
        periods = then.periods((use.pk for use in found.uses), known_at)
    elif supposed is not None:
        periods = supposed.periods(use.pk for use in found.uses)
        if not supposed.is_open(supposed.at):
            # What field service owns of a use that closes comes back in the same transaction.
            standing.owned = {one for one in standing.owned if one[1] != supposed.use.pk}
    lifecycle = Lifecycle(event, found.uses, periods)
    checked = evidence.checked(event=event, topics=topics, people=people, named=named, found=found)
    judged, accepted = [], []
    for topic, (basis, documents) in zip(topics, checked, strict=True):
        judged.append(
            policy.Topic(
                ref=str(topic.key[1] or ""),
                name=topic.name,
                subject=topic.subject,
                zones=tuple(lifecycle.zones(topic, there)),
                basis=basis,
                standing=standing.of(topic),
                documents=frozenset(documents),
                sibling_open=lifecycle.sibling_open(topic),
                product=topic.product_ref,
                label=skills.label(topic),
                **lifecycle.asked_for(topic),
                first_call_from=skills.first_call(topic, number(act, "PP-07 first_call_after_business_days")),
                asked_at=evidence.asked_at(documents, event),
                prompted=evidence.was_prompted(topic, found.prompted),
                approved_preclear=preclear.covered(topic.use, kols, found.cleared),
                basis_before=changed.first_bases.get(topic.key[1]) if topic.key[1] else None,
            )
        )
        accepted.append(documents)
    if changed.first_start is not None:
        across = _crosses(changed.first_start, by, role, event, topics, kols, lifecycle, standing)
        act = replace(act, moved_across=across)
    answers = [topic.basis is Basis.UNSOLICITED_REQUEST for topic in judged if topic.subject != Subject.ADMIN]
    act = replace(
        act,
        topics=tuple(judged),
        people=tuple(_people(people, codes, known)),
        samples=tuple(sample_facts(given, event, known, found.first_requests)),
        certificates=skills.certificates,
        former=skills.former,
        other_side_that_day=skills.both_sides,
        introduction=joint.is_introduction(
            kols,
            topics,
            found.handed_over,
            found.joint_before,
            number(act, "PP-05 joint_introduction_visits"),
        ),
        materials=named.facts(event.starts_at, lifecycle, there, supposed),
        answering=event.channel == Channel.EMAIL and bool(answers) and all(answers),
    )
    if act.moved_across:
        act = replace(act, date_approved=moved.still_approved(before, act))
    return Gathered(
        act=act,
        accepted=tuple(accepted),
        relations=standing.relations,
        market_names={market.code: market.name for market in there},
    )


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
    return {market.pk: market for market in rows}


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
