"""What surrounds the visit form: the person, likely companions, last time, what may be discussed."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.models import User
from compliance.policy import Channel, Kind, Refused, Side, in_words, sentence
from interactions import discuss, words_form
from interactions.channels import note_of
from interactions.forms import KINDS, KINDS_OF, WITH_LIST, VisitForm
from interactions.models import FollowUp, Interaction
from interactions.panels import closed_row
from interactions.prefill import companions
from kols.models import KOL
from msl_crm.dates import date_in_words, day_in_words, time_in_words
from safety.forms import SideEffectForm

CHANNEL_ICONS = {
    Channel.IN_PERSON: "map-pin",
    Channel.VIDEO: "video",
    Channel.PHONE: "phone",
    Channel.EMAIL: "mail",
}


def context(user: User, form: VisitForm, side_effect: SideEffectForm, **more: Any) -> dict[str, Any]:
    """Everything the page shows around the form."""
    kol = form.kol
    words_form.listen(form)
    query = form.data.get("person", "").strip()[:100] if "find_person" in form.data else ""
    blocks, closed = [], []
    for topic in form.topics:
        if topic.block.closed and topic.block.matter is not None:
            closed.append(closed_row(topic.block.matter, kol))
        else:
            blocks.append({"form": topic, "block": topic.as_block()})
    around = _around(user, kol) if kol else {}
    beside = [form.value, *filter(None, (form.sample, form.joint))]
    forms = [form, *form.topics, *beside, *([side_effect] if side_effect.is_bound else [])]
    marked = words_form.shown(form) if form.is_bound or form.record else {"form": form}
    return {
        "form": form,
        "words": marked,
        "forms": forms,
        "wrong": any(each.errors for each in forms),
        "kol": kol,
        "kind": form.kind,
        "kinds": _kinds(user, form),
        "person": {"name": str(kol), "text": ", ".join(x for x in (kol.specialty, kol.place) if x)}
        if kol
        else None,
        "change_url": f"{reverse('interactions:new')}?change=1" if form.record is None else "",
        "when": _when(form),
        "others": _companions(user, form, query),
        "find": _find(form, query),
        "is_ahead": form.is_ahead,
        "blocks": blocks,
        "closed": closed,
        "added": [
            t.block.matter.use.pk for t in form.topics if t.block.matter and not t.block.matter.relation
        ],
        "addons": _addons(form, side_effect),
        "channel_icons": CHANNEL_ICONS,
        "channel_note": note_of(user, kol, form.market),
        "another": f"{reverse('interactions:new')}?another=1" if form.record is None else "",
        "with_list": form.kind in WITH_LIST,
        "topbar_title": more.pop("title", log_words(user)),
        "close_url": reverse("home"),
        **around,
        **more,
    }


def log_words(user: User) -> str:
    """What logging is called: field service makes calls, everybody else visits."""
    return _("Log call") if user.side == Side.COMMERCIAL else _("Log visit")


def _kinds(user: User, form: VisitForm) -> list[dict[str, Any]]:
    if form.record is not None:
        return []
    query = f"&kol={form.kol.pk}" if form.kol else ""
    kinds = KINDS_OF.get(user.side, (Kind.VISIT,))
    if len(kinds) < 2:
        return []
    return [
        {
            "url": f"{reverse('interactions:new')}?kind={kind}{query}",
            "text": KINDS[kind],
            "current": kind == form.kind,
        }
        for kind in kinds
    ]


def _find(form: VisitForm, query: str) -> dict[str, Any]:
    """Where somebody else who was there is looked for, and those who are in no list."""
    kol = f"?kol={form.kol.pk}" if form.kol else ""
    unlisted = bool(form["names"].value() or form.errors.get("names"))
    return {
        "url": reverse("interactions:companions") + kol,
        "query": query,
        "open": bool(query) or unlisted,
        "body": render_to_string("interactions/_unlisted.html", {"form": form}),
    }


def _when(form: VisitForm) -> dict[str, Any]:
    start = form._starts_at()
    asked = str(form["minutes"].value() or 30)
    minutes = int(asked) if asked.isdecimal() and len(asked) < 5 else 30
    from datetime import timedelta

    local = start.astimezone(form.market.tz)
    today = now().astimezone(form.market.tz).date()
    day = _("Today") if local.date() == today else day_in_words(local.date())
    ends = (local + timedelta(minutes=minutes)).strftime("%H:%M")
    wrong = bool(form.is_bound and (form.errors.keys() & {"on", "at", "minutes"}))
    return {
        "text": _("%(day)s, %(start)s to %(end)s")
        % {"day": day, "start": local.strftime("%H:%M"), "end": ends},
        "hint": _("as planned") if form.plan else "",
        "body": render_to_string("interactions/_when.html", {"form": form}),
        "open": wrong or form.is_late,
    }


def _companions(user: User, form: VisitForm, query: str) -> dict[str, list[dict[str, str]]]:
    """Those chosen, and beside them whom the search finds or who is likely to have been there."""
    value = form["others"].value() or []
    chosen = {str(getattr(one, "pk", one)) for one in value}
    if not form.is_bound and form.source is not None:
        chosen = {
            str(a.kol_id)
            for a in form.source.attendees.all()
            if a.kol_id and (form.kol is None or a.kol_id != form.kol.pk)
        }
    return companions(user, form.kol, sorted(chosen), query)


def _addons(form: VisitForm, side_effect: SideEffectForm) -> list[dict[str, Any]]:
    sample = form.sample
    handed = [
        {
            "key": "value",
            "name": "with_value",
            "text": _("Something of value"),
            "icon": "scale",
            "tone": "amber",
            "checked": form.value.chosen,
            "body": render_to_string("interactions/_value_fields.html", {"form": form.value}),
        },
    ]
    if sample is not None:
        handed.append(
            {
                "key": "sample",
                "name": "with_sample",
                "text": _("Sample"),
                "icon": "flask",
                "tone": "green",
                "checked": sample.chosen,
                "body": render_to_string("interactions/_sample_fields.html", {"form": sample}),
            }
        )
    follow = bool(form["follow_up"].value() or form["follow_up_what"].value())
    return [
        {
            "key": "follow_up",
            "name": "follow_up",
            "text": _("Follow-up"),
            "icon": "calendar-plus",
            "tone": "blue",
            "checked": follow,
            "body": render_to_string("interactions/_follow_up_fields.html", {"form": form}),
        },
        {
            "key": "side_effect",
            "name": "with_side_effect",
            "text": _("Side effect"),
            "icon": "alert-triangle",
            "tone": "red",
            "checked": side_effect.is_bound or side_effect.asked,
            "body": render_to_string("interactions/_side_effect_fields.html", {"form": side_effect}),
        },
        *handed,
    ]


def _around(user: User, kol: KOL) -> dict[str, Any]:
    """The right column: what may be discussed, last time, open items."""
    found = discuss.matters(user, [kol], now()).get(kol.pk, [])
    last = (
        Interaction.objects.visible_to(user)
        .logged()
        .filter(attendees__kol=kol)
        .prefetch_related("topics__use__indication__product", "topics__area")
        .order_by("-starts_at")
        .first()
    )
    areas = sorted({m.use.indication.area.name for m in found if m.use.indication.area})
    summary = [
        {"label": a, "text": _("Freely, no product"), "tone": "slate", "tag": _("Open")} for a in areas
    ]
    if user.side != Side.MEDICAL:
        summary = []
    return {
        "may_discuss": [*summary, *discuss.summaries(found)],
        "last_time": last,
        "open_items": FollowUp.objects.visible_to(user).open().filter(kol=kol)[:4],
    }


def chooser(user: User, query: str) -> list[KOL]:
    """Whom to log a contact with: search hits, or the experts this person met or answers for."""
    known = KOL.objects.visible_to(user).listed().select_related("main_institution").defer("search")
    if query:
        return list(known.matching(query.replace("\x00", ""))[:20])
    return list(
        known.filter(
            relations__ownerships__owner=user, relations__ownerships__during__contains=now()
        ).distinct()[:10]
    )


def said_when(interaction: Interaction) -> str:
    """Day and times on the clock of the place."""
    tz = interaction.market.tz
    start, end = interaction.starts_at.astimezone(tz), interaction.ends_at.astimezone(tz)
    said = f"{date_in_words(start)}, {start:%H:%M}–{end:%H:%M}"
    here = interaction.starts_at.astimezone(timezone.get_current_timezone())
    if here.utcoffset() == start.utcoffset():
        return said
    return _("%(there)s in %(market)s, %(here)s for you") % {
        "there": said, "market": interaction.market.name, "here": f"{here:%H:%M}",
    }  # fmt: skip


def in_plain_words(form: VisitForm, refusal: Refused) -> str:
    """What happened and why it must not have, as the report of a deviation begins; its author goes on from there."""
    event = form.event()
    names = [str(p.kol or p.colleague or p.name) for p in form.present()]
    topics = [spoken.name for spoken in form.spoken() if spoken.name]
    start = event.starts_at.astimezone(event.market.tz)
    said = _("%(kind)s with %(people)s on %(day)s, %(time)s.") % {
        "kind": _(in_words(event.kind)), "people": ", ".join(names), "day": date_in_words(start),
        "time": time_in_words(start),
    }  # fmt: skip
    about = _("We spoke about %(topics)s.") % {"topics": ", ".join(topics)} if topics else ""
    told = (sentence(reason, _, **refusal.names) for reason in refusal.decision.reasons)
    return "\n".join(filter(None, [said, about, *dict.fromkeys(told)]))
