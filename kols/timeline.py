"""What happened with an expert, month by month: contacts, and what changed in lifecycle and ownership."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.template.defaultfilters import date as format_date
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import User
from compliance.policy import Basis, Channel, Kind, Side, State, Zone, in_words
from interactions.models import Attendee, Interaction, Topic
from kols.filters import Cursor
from kols.models import KOL
from kols.profile import Line
from msl_crm.dates import within

PAGE = 20
LONGEST_NOTE = 280
EVENTS = (Kind.SCIENTIFIC_LECTURE, Kind.INTERNAL_TRAINING, Kind.EXTERNAL_TRAINING, Kind.ADVISORY_BOARD)
SHOWN = {
    "": gettext_lazy("All"),
    "visits": gettext_lazy("Visits"),
    "events": gettext_lazy("Events"),
    "changes": gettext_lazy("Changes"),
}
ICONS = {Channel.PHONE: "phone", Channel.VIDEO: "video", Channel.EMAIL: "mail", Channel.POST: "mail"}
BASES = {
    Basis.UNSOLICITED_REQUEST: gettext_lazy("asked"),
    Basis.PROACTIVE: gettext_lazy("planned exchange"),
    Basis.STUDY_SUPPORT: gettext_lazy("study"),
    Basis.CONTRACTED_BOARD: gettext_lazy("contract"),
}
TONES = {Zone.PRE: "plum", Zone.OPEN: "green"}


@dataclass
class Timeline:
    months: list[dict[str, Any]] = field(default_factory=list)
    older: str = ""


def timeline_of(
    kol: KOL, user: User, lines: list[Line], *, shown: str = "", before: Cursor | None = None
) -> Timeline:
    """A page of what the reader may know, newest first, and the cursor of the next page if there is more."""
    until = datetime.fromisoformat(before.place) if before else None
    contacts = [] if shown == "changes" else _contacts(kol, user, shown, until, before)
    more = len(contacts) > PAGE
    contacts = contacts[:PAGE]
    oldest = contacts[-1].starts_at if more else None
    items = [(one.starts_at, _item(one)) for one in contacts]
    if shown in ("", "changes"):
        items += [
            (at, item)
            for at, item in facts_of(lines)
            if (until is None or at < until) and (oldest is None or at >= oldest) and at <= timezone.now()
        ]
    items.sort(key=lambda entry: entry[0], reverse=True)
    older = Cursor(contacts[-1].starts_at.isoformat(), contacts[-1].pk).encode() if more else ""
    return Timeline(_by_month(items), older)


def _contacts(
    kol: KOL, user: User, shown: str, until: datetime | None, before: Cursor | None
) -> list[Interaction]:
    topics = (
        Topic.objects.filter(interaction=OuterRef("pk"))
        .order_by("position", "id")
        .values(
            json=JSONObject(
                product=Coalesce(
                    NullIf("use__indication__product__brand", Value("")),
                    NullIf("use__indication__product__inn", Value("")),
                    "use__indication__product__code_names__0",
                ),
                other="product__inn", area="area__name", basis="basis", zone="zone",
            )
        )
    )  # fmt: skip
    others = (
        Attendee.objects.filter(interaction=OuterRef("pk"))
        .exclude(kol=kol)
        .order_by("-main", "id")
        .values(
            json=JSONObject(
                family="kol__family_name", kol_title="kol__title", name="name", given="colleague__given_name",
                colleague="colleague__family_name",
            )
        )
    )  # fmt: skip
    rows = Interaction.objects.visible_to(user).logged().filter(attendees__kol=kol)
    if shown:
        rows = rows.filter(kind__in=EVENTS) if shown == "events" else rows.exclude(kind__in=EVENTS)
    if until is not None and before is not None:
        rows = rows.filter(starts_at__lte=until).filter(Q(starts_at__lt=until) | Q(id__lt=before.pk))
    return list(
        rows.select_related("author")
        .annotate(about=ArraySubquery(topics), others=ArraySubquery(others))
        .order_by("-starts_at", "-id")[: PAGE + 1]
    )


def _item(one: Interaction) -> dict[str, Any]:
    tags = [_topic_tag(topic) for topic in one.about]  # type: ignore[attr-defined]
    people = [_person(person) for person in one.others]  # type: ignore[attr-defined]
    if people:
        text = _("with %(people)s") % {"people": ", ".join(people[:3])}
        if len(people) > 3:
            text += f" +{len(people) - 3}"
        tags.append({"text": text, "tone": "line", "icon": "users"})
    if one.missing:
        tags.append({"text": _("incomplete"), "tone": "amber", "icon": "alert-triangle"})
    return {
        "icon": "presentation-analytics"
        if one.kind in EVENTS
        else ICONS.get(Channel(one.channel), "map-pin"),
        "tone": "plum" if one.author_side == Side.MEDICAL else "green",
        "title": one.title or what_took_place(one),
        "url": address("interactions:detail", one.pk),
        "at": one.starts_at,
        "with_time": True,
        "text": Truncator(one.note).chars(LONGEST_NOTE),
        "tags": tags,
    }


def what_took_place(one: Interaction) -> str:
    """Visit, in person."""
    return in_words_of(one.kind, one.channel)


def in_words_of(kind: str, channel: str) -> str:
    """A kind of contact and its channel, as stored, in words."""
    what, how = _(in_words(Kind(kind))), _(in_words(Channel(channel)))
    return f"{what}, {within(how)}"


def _topic_tag(topic: dict[str, Any]) -> dict[str, Any]:
    product = topic["product"] or topic["other"]
    if not product:
        return {"text": topic["area"] or _("Organisation"), "tone": "slate", "icon": ""}
    basis = BASES.get(topic["basis"])
    return {
        "text": f"{product}, {basis}" if basis else product,
        "tone": TONES.get(topic["zone"], "slate"),
        "icon": "flask" if topic["zone"] == Zone.PRE else "",
    }


def _person(person: dict[str, Any]) -> str:
    if person["family"]:
        return " ".join(word for word in (person["kol_title"], person["family"]) if word)
    return person["name"] or f"{person['given']} {person['colleague']}"


def facts_of(lines: list[Line]) -> list[tuple[datetime, dict[str, Any]]]:
    """What changed around the expert: where a use came to stand, and who came to answer for it."""
    facts = []
    for line in lines:
        product, market = line.use.indication.product.name, line.use.market
        for period in line.periods:
            title = _("%(product)s, %(use)s: %(state)s in %(market)s") % {
                "product": product, "use": line.use.indication.name, "market": market.name,
                "state": within(_(in_words(State(period.state)))),
            }  # fmt: skip
            at = period.effective_at
            facts.append(
                (at, {"icon": "certificate", "tone": "slate", "title": title, "at": market.local_day(at)})
            )
        for before, one in zip([None, *line.owned], line.owned, strict=False):
            at = one.during.lower
            facts.append((at, {**_move(product, before, one), "at": market.local_day(at)}))
    return facts


def _move(product: str, before: Any, one: Any) -> dict[str, Any]:
    names = {"product": product, "name": one.owner.name}
    if one.side == Side.COMMERCIAL:
        title = _("%(product)s handed over to %(name)s, field service") % names
        return {"icon": "arrows-right-left", "tone": "green", "title": title}
    if before is not None and before.side == Side.COMMERCIAL and before.during.upper == one.during.lower:
        title = _("%(product)s back with Medical: %(name)s") % names
        return {"icon": "arrow-back-up", "tone": "plum", "title": title}
    title = _("%(name)s began to answer for %(product)s") % names
    return {"icon": "user-check", "tone": "slate", "title": title}


def _by_month(items: list[tuple[datetime, dict[str, Any]]]) -> list[dict[str, Any]]:
    def month(entry: tuple[datetime, dict[str, Any]]) -> str:
        return format_date(timezone.localtime(entry[0]), pgettext("heading of a month", "F Y"))

    return [
        {"title": title, "items": [item for _at, item in group]} for title, group in groupby(items, key=month)
    ]


def address(name: str, *args: object) -> str:
    """The address of a page, or nothing while it does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
