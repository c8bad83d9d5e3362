"""The answers about the boundary: what was known when, who was met before the day, how it came up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.certificates import Certificate
from compliance import desk
from compliance.policy import State
from interactions.models import Compartment, Interaction, MaterialGiven
from kols.models import KOL, Ownership
from products.models import LifecycleEntry
from reviews.questions import Asked, Question, Row, line

A_MINUTE = timedelta(minutes=1)


def record_page(record: Interaction) -> str:
    return reverse("interactions:detail", args=[record.pk])


def people_of(record: Interaction) -> str:
    return ", ".join(str(one) for one in record.attendees.all())


def contacts(asked: Asked, compartment: str = "") -> QuerySet[Interaction]:
    """The contacts about the product, before the day, newest first."""
    rows = Interaction.objects.visible_to(asked.by).logged().filter(starts_at__lt=asked.before)
    if compartment:
        rows = rows.filter(compartment=compartment)
    if asked.product is not None:
        rows = rows.filter(
            Q(topics__use__indication__product=asked.product) | Q(topics__product=asked.product)
        ).distinct()
    if asked.person:
        rows = rows.filter(
            Q(author__family_name__icontains=asked.person) | Q(author__given_name__icontains=asked.person)
        )
    if asked.kol:
        rows = rows.filter(attendees__kol__in=_kols(asked))
    rows = rows.select_related("author").prefetch_related("attendees__kol", "attendees__colleague", "topics")
    return rows.order_by("-starts_at", "-pk")


def _kols(asked: Asked) -> list[KOL]:
    return list(KOL.objects.visible_to(asked.by).matching(asked.kol)[:50]) if asked.kol else []


def entries(asked: Asked, *states: State) -> QuerySet[LifecycleEntry]:
    rows = LifecycleEntry.objects.filter(confirmed_at__isnull=False)
    if states:
        rows = rows.filter(state__in=states)
    if asked.product is not None:
        rows = rows.filter(use__indication__product=asked.product)
    return rows.select_related(
        "use__indication__product", "use__market", "proposed_by", "confirmed_by"
    ).order_by("effective_at")


def became_authorised(asked: Asked) -> Iterable[Row]:
    """The entry with its evidence, and what the trail holds of the minute after its confirmation."""
    for entry in entries(asked, State.AUTHORISED, State.CONDITIONAL):
        verified = entry.confirmed_at or entry.recorded_at
        page = reverse("products:detail", args=[entry.use.indication.product_id])
        yield line(
            entry.effective_at, _("%(use)s: in force") % {"use": entry.use}, "", entry.evidence, url=page
        )
        yield line(entry.recorded_at, _("recorded"), entry.proposed_by, entry.evidence, url=page)
        yield line(entry.confirmed_at, _("verified"), entry.confirmed_by, entry.evidence, url=page)
        after = desk.trail(asked.by, {}).filter(at__gte=verified, at__lte=verified + A_MINUTE)
        for said in after.order_by("sequence")[:50]:
            yield line(
                said.at, str(said), said.actor_name, "", url=reverse("compliance:entry", args=[said.pk])
            )


def field_before(asked: Asked) -> Iterable[Row]:
    """Calls of field service, what was refused to it, and what it told of as a deviation."""
    for record in contacts(asked, Compartment.FIELD):
        yield line(
            record.starts_at, _("contact"), record.author, people_of(record), "", url=record_page(record)
        )
    told = desk.deviations(asked.by).filter(reporter_side="COMMERCIAL", happened_at__lt=asked.before)
    if asked.product is not None:
        told = told.filter(act__topics__contains=[{"product": str(asked.product.pk)}])
    for row in told:
        page = reverse("compliance:deviation", args=[row.pk])
        yield line(row.happened_at, _("deviation"), row.reporter, row.words, row.conclusion, url=page)
    refused = desk.trail(asked.by, {"refused": True}).filter(
        at__lt=asked.before, actor_role__in=["FIELD_SERVICE", "FIELD_LEAD"], act__isnull=False
    )
    if asked.product is not None:
        refused = refused.filter(act__topics__contains=[{"product": str(asked.product.pk)}])
    for said in refused[:200]:
        page = reverse("compliance:entry", args=[said.pk])
        yield line(said.at, _("refused"), said.actor_name, str(said), ", ".join(said.rules), url=page)


def line_of_time(asked: Asked) -> Iterable[Row]:
    """Owners and contacts of one expert and product, from the first day on; a gap between owners is a row of its own."""
    found: list[tuple[object, Row]] = []
    owned = (
        Ownership.objects.visible_to(asked.by)
        .filter(relation__kol__in=_kols(asked))
        .select_related(
            "owner", "relation__kol", "relation__use__indication__product", "relation__use__market"
        )
    )
    if asked.product is not None:
        owned = owned.filter(relation__use__indication__product=asked.product)
    ends: dict[tuple[object, str], object] = {}
    for row in owned.order_by("during"):
        key = (row.relation_id, str(row.side))
        until = ends.get(key)
        if until is not None and until < row.during.lower:
            found.append(
                (until, line(until, row.during.lower, _("nobody"), row.get_side_display(), row.relation))
            )
        ends[key] = row.during.upper
        page = reverse("kols:detail", args=[row.relation.kol_id])
        words = line(
            row.during.lower, row.during.upper, row.owner, row.get_side_display(), row.relation, url=page
        )
        found.append((row.during.lower, words))
    for record in contacts(asked) if asked.kol else ():
        words = line(
            record.starts_at,
            record.ends_at,
            record.author,
            record.get_kind_display(),
            people_of(record),
            url=record_page(record),
        )
        found.append((record.starts_at, words))
    return [row for _at, row in sorted(found, key=lambda one: str(one[0]))]


def ten_before(asked: Asked) -> Iterable[Row]:
    """Ten contacts of MSLs before the day, with request, materials, and what their author held on that day."""
    for record in contacts(asked, Compartment.MEDICAL)[:10]:
        topics = [t for t in record.topics.all() if t.basis]
        basis = ", ".join(dict.fromkeys(t.get_basis_display() for t in topics))
        question = " / ".join(
            str(t.documents.get("REQ", {}).get("question", "")) for t in topics if "REQ" in t.documents
        )
        shown = MaterialGiven.objects.filter(interaction=record).select_related("version__material")
        materials = ", ".join(f"{one.version} ({one.version.approval or '–'})" for one in shown)
        held = Certificate.objects.visible_to(asked.by).held(record.starts_at).filter(person=record.author)
        certificates = ", ".join(dict.fromkeys(one.get_kind_display() for one in held))
        yield line(
            record.starts_at,
            record.author,
            people_of(record),
            basis,
            question,
            materials,
            certificates,
            url=record_page(record),
        )


def suspended(asked: Asked) -> Iterable[Row]:
    """From when it holds to when it was recorded and blocked, and every contact that lies in between."""
    for entry in entries(asked, State.SUSPENDED, State.WITHDRAWN):
        begun, blocked = entry.effective_at, entry.confirmed_at
        if begun is None or blocked is None:
            continue
        minutes = round((blocked - entry.recorded_at).total_seconds() / 60)
        page = reverse("products:detail", args=[entry.use.indication.product_id])
        yield line(begun, entry.recorded_at, blocked, minutes, entry.use, entry.get_state_display(), url=page)
        between = (
            Interaction.objects.visible_to(asked.by)
            .logged()
            .filter(topics__use=entry.use, starts_at__gte=begun, starts_at__lte=blocked)
        )
        for record in between.select_related("author").distinct()[:100]:
            yield line(
                record.starts_at,
                record.recorded_at,
                "",
                "",
                record.author,
                record.get_kind_display(),
                url=record_page(record),
            )


def _trail(**more: str) -> str:
    from urllib.parse import urlencode

    return f"{reverse('compliance:trail')}?{urlencode(more)}"


def contact_search(asked: Asked, **more: str) -> str:
    from urllib.parse import urlencode

    name = asked.product.name if asked.product else ""
    return f"{reverse('compliance:desk')}?{urlencode({'product': name, 'kol': asked.kol, 'person': asked.person, **more})}"


def _product(asked: Asked) -> list[tuple[object, str]]:
    page = reverse("products:detail", args=[asked.product.pk]) if asked.product else reverse("products:list")
    return [(gettext_lazy("The product"), page)]


QUESTIONS = (
    Question(
        number=1,
        words=gettext_lazy(
            "A product became authorised: who recorded it, on what evidence, who verified, and what happened next?"
        ),
        fields=("product",),
        columns=(gettext_lazy("When"), gettext_lazy("What"), gettext_lazy("Who"), gettext_lazy("Evidence")),
        rows=became_authorised,
        links=lambda asked: [*_product(asked), (gettext_lazy("The trail"), _trail(verb="confirm"))],
    ),
    Question(
        number=2,
        words=gettext_lazy(
            "All contacts of field service about it before that day, and what was done about them"
        ),
        fields=("product", "on"),
        columns=(
            gettext_lazy("When"),
            gettext_lazy("What"),
            gettext_lazy("Who"),
            gettext_lazy("With whom, or what"),
            gettext_lazy("What was done"),
        ),
        rows=field_before,
        links=lambda asked: [(gettext_lazy("Contacts"), contact_search(asked, kind="PRODUCT_CALL"))],
    ),
    Question(
        number=3,
        words=gettext_lazy("Everything about one expert and one product, with owners, without a gap"),
        fields=("kol", "product"),
        columns=(
            gettext_lazy("From"),
            gettext_lazy("Until"),
            gettext_lazy("Who"),
            gettext_lazy("What"),
            gettext_lazy("About"),
        ),
        rows=line_of_time,
        links=lambda asked: [(gettext_lazy("Contacts"), contact_search(asked))],
    ),
    Question(
        number=4,
        words=gettext_lazy(
            "Ten contacts of MSLs before that day: purpose, request, materials, approval, training"
        ),
        fields=("product", "on", "person"),
        columns=(
            gettext_lazy("When"),
            gettext_lazy("MSL"),
            gettext_lazy("With whom"),
            gettext_lazy("How it came up"),
            gettext_lazy("The question"),
            gettext_lazy("Materials (approval)"),
            gettext_lazy("Held on that day"),
        ),
        rows=ten_before,
        links=lambda asked: [
            (gettext_lazy("Contacts"), contact_search(asked)),
            (gettext_lazy("Certificates"), reverse("accounts:certificates")),
        ],
    ),
    Question(
        number=10,
        words=gettext_lazy("A suspension: minutes from record to block, and contacts in between"),
        fields=("product",),
        columns=(
            gettext_lazy("In force, or contact"),
            gettext_lazy("Recorded"),
            gettext_lazy("Blocked"),
            gettext_lazy("Minutes"),
            gettext_lazy("Use, or who"),
            gettext_lazy("What"),
        ),
        rows=suspended,
        links=_product,
    ),
)
