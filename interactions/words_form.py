"""The marks of a visit form as it stands, sent or not: what a person should look at once more, and the reason asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acting import now
from compliance.policy import Zone
from compliance.wording import Level
from interactions import words
from interactions.forms import VisitForm
from interactions.models import WordMark
from interactions.words import Found, Text
from kols.models import KOL
from safety.detection import suspect
from safety.listening import REBUTTAL

LEVELS = {Level.HINT: "blue", Level.EXPLAIN: "amber", Level.BLOCK: "red"}
OF_TOPIC = (
    (WordMark.Field.SHARED, "shared", True),
    (WordMark.Field.HEARD, "heard", False),
    (WordMark.Field.QUESTION, "question", False),
)


def listen(form: VisitForm) -> None:
    """Let each text of the form be read again once its author pauses; without JavaScript it is read on saving."""
    live = {
        "hx-post": reverse("interactions:words"), "hx-trigger": "input changed delay:700ms",
        "hx-target": "#words", "data-quiet": "1",
    }  # fmt: skip
    form.fields["note"].widget.attrs.update(live)
    for topic in form.topics:
        for _field, name, _ours in OF_TOPIC:
            if name in topic.fields:
                topic.fields[name].widget.attrs.update(live)


def shown(form: VisitForm) -> dict[str, Any]:
    """The context of `interactions/_words.html`."""
    found = marks(form)
    return {
        "form": form,
        "rows": [_row(one) for one in found],
        "asks": any(one.mark.level is Level.EXPLAIN for one in found),
        "blocks": words.blocked(found),
        "suspected": suspect(form.user, [one.text for one in texts(form)]),
        "rebuttal": form.data.get(REBUTTAL, "") if form.is_bound else "",
    }


def beside(found: Iterable[Found]) -> dict[str, Any]:
    """The same for a short form, whose reason stands among its own fields."""
    return {"rows": [_row(one) for one in found], "asks": False, "blocks": words.blocked(found)}


def _row(one: Found) -> dict[str, Any]:
    before, said, after = one.parts
    return {
        "where": _where(one.text.field), "before": before, "words": said, "after": after,
        "sentence": one.sentence, "tone": LEVELS[one.mark.level], "level": str(one.mark.level),
    }  # fmt: skip


def _where(field: str) -> Any:
    return _("Text") if field == words.BESIDE else WordMark.Field(field).label


def marks(form: VisitForm) -> tuple[Found, ...]:
    """What the texts of the form are marked for; a form nobody has written in yet asks nothing."""
    written = texts(form)
    if not written:
        return ()
    about = [topic.block.matter for topic in form.topics if topic.chosen and topic.block.matter]
    return words.marks(
        form.user,
        written,
        declared={str(matter.use.indication.product_id) for matter in about},
        authorised={
            str(matter.use.indication.product_id)
            for matter in about
            if matter.zone in (Zone.OPEN, Zone.CLOSED)
        },
        levels=words.levels_in(form.market, min(form._starts_at(), now())),
        people=_people(form),
    )


def texts(form: VisitForm) -> list[Text]:
    """Every text of the form as it stands."""
    found = [
        Text(field=WordMark.Field.TITLE, text=str(form["title"].value() or "")),
        Text(field=WordMark.Field.NOTE, text=str(form["note"].value() or "")),
        Text(field=words.BESIDE, text=str(form["follow_up_what"].value() or "")),
        Text(
            field=words.BESIDE,
            text=str(form.data.get("deviation_words") or "") if "deviation" in form.data else "",
        ),
    ]
    for place, topic in enumerate(form.topics):
        for field, name, ours in OF_TOPIC:
            text = str(topic[name].value() or "") if name in topic.fields else ""
            found.append(Text(field=field, text=text, position=place, ours=ours))
    return [one for one in found if one.text.strip()]


def _people(form: VisitForm) -> set[str]:
    chosen = [str(getattr(one, "pk", one)) for one in form["others"].value() or ()]
    others = KOL.objects.visible_to(form.user).filter(pk__in=[one for one in chosen if len(one) == 36])
    named = {str(form.kol)} if form.kol else set()
    return named | ({str(kol) for kol in others} if chosen else set()) | {str(form["names"].value() or "")}
