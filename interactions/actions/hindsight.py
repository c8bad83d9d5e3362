"""A record judged anew by one thing that was recorded after it: which records that touches, and what it changes (R-008).

Only what the late fact is about is read as it is known today; everything else of the act stays as it was judged, so
that every difference has the cause it is named with.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.people import role_at
from compliance import policy
from compliance.policy import (
    Act,
    Audience,
    Basis,
    Channel,
    Decision,
    Document,
    Intent,
    Kind,
    Role,
    Subject,
)
from compliance.policy.rulings import decision, denied
from interactions import handed
from interactions.facts import Event, Gathered, Present, Spoken, gather
from interactions.late import Cause, Rejudging
from interactions.models import Attendee, Interaction, MaterialGiven, Topic
from kols.models import Practice
from products.models import Use
from products.supposing import Supposed

# Of each topic, and of the whole act, what a cause may change.
TOPICS: dict[str, tuple[str, ...]] = {
    Cause.ENTRY: ("zones", "sibling_open", "standing", "approved_preclear"),
    Cause.LABEL: ("label",),
    Cause.RULES: ("first_call_from",),
    Cause.POST: ("standing",),
    Cause.OWNER: ("standing", "first_call_from"),
    Cause.CERTIFICATE: (),
    Cause.WISH: (),
}
ACTS: dict[str, tuple[str, ...]] = {
    Cause.ENTRY: ("materials",),
    Cause.LABEL: ("materials",),
    Cause.RULES: ("packs", "pack_versions"),
    Cause.POST: ("role", "former"),
    Cause.OWNER: (),
    Cause.CERTIFICATE: ("certificates",),
    Cause.WISH: ("people",),
}
WISHES = ("consents", "objects_to_marketing", "do_not_contact", "informed_at")


def touched_by(work: Rejudging) -> QuerySet[Interaction]:
    """Records within the time in which the fact held unknown, and plans from its beginning on."""
    met = Attendee.objects.filter(interaction=OuterRef("pk"))
    about: Q
    match work.cause:
        case Cause.ENTRY | Cause.LABEL:
            pk: Any = work.entry.use_id if work.entry is not None else work.about
            return touched(Use.objects.select_related("indication").get(pk=pk), work.since, work.until)
        case Cause.RULES:
            there = Practice.objects.filter(market=work.about).values("kol")
            about = Q(market=work.about) | Q(Exists(met.filter(kol__in=there)))
        case Cause.POST | Cause.CERTIFICATE:
            about = Q(author=work.about)
        case _:
            about = Q(Exists(met.filter(kol=work.about)))
    return Interaction.objects.filter(about).filter(_between(work.since, work.until))


def touched(use: Use, since: datetime, until: datetime) -> QuerySet[Interaction]:
    """Records within a window of time, and plans from its beginning on, that a state of this use counts for."""
    siblings = Use.objects.filter(market=use.market_id, indication__product=use.indication.product_id)
    about = Q(use__in=siblings.values("pk")) | Q(subject=Subject.DISEASE, area=use.indication.area_id)
    topics = Topic.objects.filter(about, interaction=OuterRef("pk"))
    shown = MaterialGiven.objects.filter(interaction=OuterRef("pk"), version__uses=use)
    return Interaction.objects.filter(Exists(topics) | Exists(shown)).filter(_between(since, until))


def _between(since: datetime, until: datetime) -> Q:
    logged = Q(status__in=[Interaction.Status.DRAFT, Interaction.Status.SIGNED], starts_at__lt=until)
    return Q(ends_at__gte=since) & (logged | Q(status=Interaction.Status.PLANNED))


def in_hindsight(row: Interaction, stored: Act, cause: str) -> Decision:
    """What the boundary says of the act by what is known today of this one cause."""
    role = Role(row.author_role)
    if cause == Cause.POST:
        held = role_at(row.author, row.starts_at)
        if held is None:
            return decision(denied("R-140", "deed_not_yours", role="", deed="log_interaction"))
        role = held[0]
    return policy.decide(act_in_hindsight(row, stored, cause, role))


def act_in_hindsight(
    row: Interaction, stored: Act, cause: str = Cause.ENTRY, role: Role | None = None
) -> Act:
    fresh = regathered(row, Intent.RECORD, role=role).act
    if len(fresh.topics) != len(stored.topics):
        return stored
    topics = tuple(
        replace(was, **_parts(now_, TOPICS[cause]))
        for was, now_ in zip(stored.topics, fresh.topics, strict=True)
    )
    facts = _parts(fresh, ACTS[cause])
    if "materials" in facts and not stored.materials:
        del facts["materials"]
    if "people" in facts:
        wishes = {person.ref: _parts(person, WISHES) for person in fresh.people}
        facts["people"] = tuple(replace(one, **wishes.get(one.ref, {})) for one in stored.people)
    return replace(stored, topics=topics, **facts)


def _parts(of: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(of, name) for name in names}


def regathered(
    row: Interaction, intent: Intent, supposed: Supposed | None = None, role: Role | None = None
) -> Gathered:
    """The facts of a record or plan, gathered again from its rows as of its event; `supposed` as if that counted."""
    event = Event(
        kind=Kind(row.kind), channel=Channel(row.channel), starts_at=row.starts_at, ends_at=row.ends_at,
        market=row.market, late_reason=row.late_reason, joint_request=row.joint_request,
    )  # fmt: skip
    return gather(
        by=row.author, role=role or Role(row.author_role), intent=intent, event=event, topics=spoken_of(row),
        people=present_of(row), given=handed.of(row), before=row, supposed=supposed,
    )  # fmt: skip


def spoken_of(row: Interaction) -> list[Spoken]:
    """The topics of a record, as a door would hand them over; a plan without any is about something practical."""
    return [
        Spoken(
            subject=Subject(topic.subject), use=topic.use, product=topic.product, area=topic.area,
            basis=Basis(topic.basis) if topic.basis else None,
            documents={Document(code): given for code, given in topic.documents.items()},
        )
        for topic in sorted(row.topics.all(), key=lambda one: (one.position, one.pk))
    ] or [Spoken(subject=Subject.ADMIN)]  # fmt: skip


def present_of(row: Interaction) -> list[Present]:
    return [
        Present(
            kol=one.kol, colleague=one.colleague, name=one.name, function=one.function,
            audience=Audience(one.audience), main=one.main,
        )
        for one in row.attendees.all()
    ]  # fmt: skip
