"""The words pages use to draw themselves: icons, avatars, tags, dates in words, cards, meters, bands."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from msl_crm import charts, geometry
from msl_crm.dates import (
    date_in_words,
    day_in_words,
    days_until,
    moment_in_words,
    relative,
    time_in_words,
    weekday,
    when,
)

register = template.Library()


@register.filter
def as_json(value: object) -> str:
    """For an attribute that a script of ours reads; the template escapes it."""
    return json.dumps(value, cls=DjangoJSONEncoder)


TITLES = {
    "dr",
    "dr.",
    "prof",
    "prof.",
    "pd",
    "priv.-doz.",
    "med.",
    "dipl.",
    "mag.",
    "univ.-prof.",
    "habil.",
    "h.",
    "c.",
    "h.c.",
}
LIFECYCLE = {
    "INVESTIGATIONAL": ("plum", "flask", False),
    "PRECLINICAL": ("plum", "flask", False),
    "CLINICAL": ("plum", "flask", False),
    "SUBMITTED": ("amber", "clock", False),
    "IN_REVIEW": ("amber", "clock", False),
    "REFUSED": ("slate", "ban", False),
    "APPL_WITHDRAWN": ("slate", "archive", False),
    "EMERGENCY": ("amber", "clock", False),
    "CONDITIONAL": ("green", "rosette-discount-check", False),
    "AUTHORISED": ("green", "rosette-discount-check", False),
    "OPEN": ("green", "rosette-discount-check", False),
    "RESTRICTED": ("red", "alert-triangle", False),
    "SUSPENDED": ("red", "alert-triangle", False),
    "WITHDRAWN": ("slate", "archive", True),
    "DISCONTINUED": ("slate", "archive", True),
    "CLOSED": ("slate", "archive", True),
    "PRE": ("plum", "flask", False),
}


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """An outline icon from the sprite, hidden from readers unless it carries a label. Sizes: "s", "l"."""
    sprite = staticfiles_storage.url("vendor/icons.svg")
    extra = f" x-icon-{size}" if size else ""
    if label:
        return format_html(
            '<svg class="x-icon{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
            extra,
            label,
            sprite,
            name,
        )
    return format_html(
        '<svg class="x-icon{}" aria-hidden="true"><use href="{}#{}"/></svg>', extra, sprite, name
    )


@register.filter
def initials(name: object) -> str:
    """Two letters for a person: first given and last family name, without titles."""
    words = [word for word in str(name).replace(",", " ").split() if word.lower() not in TITLES]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


# Avatars, meters and moments stand in every row of a list: drawn here, they cost a tenth of a template.
@register.simple_tag
def avatar(name: object, tone: str = "slate", size: str = "") -> SafeString:
    """Two letters in a circle. The name stands beside it, so readers skip the letters."""
    extra = f" x-avatar-{size}" if size else ""
    return format_html(
        '<span class="x-avatar x-{}{}" aria-hidden="true">{}</span>', tone, extra, initials(name)
    )


@register.inclusion_tag("components/tag.html")
def tag(text: object, tone: str = "slate", icon: str = "", struck: bool = False) -> dict[str, Any]:
    """A short word on a tint. Tones: plum, green, amber, red, blue, slate, line."""
    return {"text": text, "tone": tone, "icon": icon, "struck": struck}


@register.inclusion_tag("components/tag.html")
def lifecycle_tag(state: object, text: object = "", market: object = "") -> dict[str, Any]:
    """The state of a use: colour, icon and words. `state` is the stored value, `text` its name for people."""
    tone, name, struck = LIFECYCLE.get(str(state).upper(), ("slate", "info-circle", False))
    words = str(text or str(state).replace("_", " ").capitalize())
    if market:
        words = _("%(state)s in %(market)s") % {"state": words, "market": market}
    return {"text": words, "tone": tone, "icon": name, "struck": struck}


register.filter(date_in_words)
register.filter(time_in_words)
register.filter(moment_in_words)
register.filter(day_in_words)
register.filter(days_until)
register.simple_tag(when)


@register.simple_tag
def due_tag(value: date | datetime | None) -> str:
    """A due date: amber within three days, red when late, grey otherwise."""
    if value is None:
        return ""
    left = days_until(value)
    if left < 0:
        text = ngettext("%(n)d day late", "%(n)d days late", -left) % {"n": -left}
        context = {"text": text, "tone": "red", "icon": "clock"}
    else:
        tone = "amber" if left <= 3 else "slate"
        near = relative(value) if left <= 1 else weekday(value) if left < 7 else ""
        context = {"text": near or date_in_words(value), "tone": tone, "icon": ""}
    return render_to_string("components/tag.html", context)


@register.simple_block_tag(takes_context=True)
def card(
    context: template.Context, content: str, title: object = "", lead: object = "", **more: object
) -> SafeString | str:
    """{% card title=… lead=… %}…{% endcard %}. More: link, link_text, id, tone="current", flush, level."""
    return render_to_string("components/card.html", {"body": content, "title": title, "lead": lead, **more})


@register.simple_block_tag
def notice(content: str, tone: str = "blue", title: object = "", icon: str = "") -> str:
    """{% notice tone="amber" title=… %}text and actions{% endnotice %}"""
    usual = {"amber": "alert-triangle", "red": "alert-circle", "green": "circle-check"}
    context = {"body": content, "tone": tone, "title": title, "icon": icon or usual.get(tone, "info-circle")}
    return render_to_string("components/notice.html", context)


@register.simple_block_tag
def empty(content: str, title: object, icon: str = "inbox", text: object = "", level: int = 2) -> str:
    """{% empty title=… text=… icon=… %}actions{% endempty %}; level=1 where it is all a page has to say."""
    context = {"actions": content, "title": title, "icon": icon, "text": text, "level": level}
    return render_to_string("components/empty_state.html", context)


@register.simple_tag
def meter(
    value: float, goal: float | None = None, total: float = 100, tone: str = "", small: bool = False
) -> SafeString:
    """A bar with a mark for the goal. The words beside it carry the meaning, so readers skip the drawing."""
    drawn = charts.meter(value, goal=goal, total=total, tone=tone)
    mark = _MARK.format(drawn["goal"]) if drawn["goal"] else ""
    if small:
        return format_html(_SMALL, drawn["tone"], drawn["width"], SafeString(mark))
    return format_html(_METER, drawn["tone"], drawn["width"], SafeString(mark))


_METER = (
    '<svg class="x-meter" aria-hidden="true" height="10">'
    '<rect class="x-c-track" y="2.5" width="100%" height="5" rx="2.5"/>'
    '<rect class="x-c-{}" y="2.5" width="{}%" height="5" rx="2.5"/>{}</svg>'
)
# Fifty of these stand in a list: their track is drawn by the style sheet.
_SMALL = (
    '<svg class="x-meter x-meter-s" aria-hidden="true" height="10">'
    '<rect class="x-c-{}" y="2.5" width="{}%" height="5" rx="2.5"/>{}</svg>'
)
_MARK = '<svg x="{}%" overflow="visible"><rect class="x-c-mark" x="-1" width="2" height="10" rx="1"/></svg>'


@register.inclusion_tag("components/sparkline.html")
def sparkline(points: Iterable[float]) -> dict[str, Any]:
    return {"points": charts.sparkline(list(points))}


@register.inclusion_tag("components/bars.html")
def bars(items: Iterable[dict[str, Any]], caption: object = "") -> dict[str, Any]:
    """Items: {label, value, change?, url?, tone?}."""
    return {"items": charts.bars(list(items)), "caption": caption}


@register.inclusion_tag("components/stacked_bars.html")
def stacked_bars(rows: Iterable[dict[str, Any]], legend: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Rows: {label, note?, end?, parts: [numbers]}; legend: [{label, kind}] gives each part its colour."""
    legend = list(legend)
    return {"rows": charts.stacked(list(rows), legend), "legend": legend}


@register.inclusion_tag("components/tile_map.html")
def tile_map(
    values: dict[str, Any],
    steps: Iterable[float],
    url: str = "",
    unit: object = "",
    names: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Values by region code ({"BE": 58}); four steps part the five colours. Each tile links to url + code."""
    return charts.tiles(values, list(steps), url, names) | {"unit": unit}


@register.inclusion_tag("components/heat_table.html")
def heat_table(**context: Any) -> dict[str, Any]:
    """columns, rows: [{label, note?, values, plan?: {value, goal, text}}], steps, caption, corner?"""
    return charts.heat(**context)


@register.inclusion_tag("components/week_bars.html")
def week_bars(days: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Days: {label, count, tone (green, blue, idle), current?}."""
    return {"days": charts.week(list(days))}


@register.inclusion_tag("components/ego_network.html")
def ego_network(name: object, nodes: Iterable[dict[str, Any]], listed: int | None = None) -> dict[str, Any]:
    """Nodes: {name, weight, note, url?, outside?}; at most eight are drawn, all are listed unless told how many."""
    drawn = charts.network(name, list(nodes))
    return {**drawn, "nodes": drawn["nodes"][:listed]}


@register.inclusion_tag("components/progress_overall.html")
def progress_overall(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Parts: {label, value, kind (green, hatch-green, amber, idle, …)}."""
    return {"parts": charts.parts(list(parts))}


@register.inclusion_tag("components/band.html")
def ownership_band(
    rows: Iterable[geometry.Row],
    start: date | datetime,
    end: date | datetime,
    today: date | datetime | None = None,
    name: str = "band",
) -> dict[str, Any]:
    """Who talks about what over time. `name` keeps ids apart when a page has two bands."""
    band = geometry.lay_out(rows, start=start, end=end, today=today or timezone.localdate())
    return {"band": band, "name": name, "legend": "ownership"}


@register.inclusion_tag("components/band.html")
def lifecycle_timeline(
    rows: Iterable[geometry.Row],
    start: date | datetime,
    end: date | datetime,
    today: date | datetime | None = None,
    name: str = "lifecycle",
) -> dict[str, Any]:
    """Where each use stands per market over time: the same drawing as the ownership band."""
    band = geometry.lay_out(rows, start=start, end=end, today=today or timezone.localdate())
    return {"band": band, "name": name, "legend": "lifecycle"}


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """The current address's query with changes; an empty value removes a key, and the cursor always goes."""
    request = context.get("request")
    params = request.GET.copy() if request else QueryDict(mutable=True)
    params.pop("cursor", None)
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = str(value)
    return "?" + params.urlencode()


@register.filter
def get(mapping: Any, key: object) -> Any:
    """A value of a mapping by a key held in a variable."""
    return mapping.get(key) if mapping else None


@register.filter
def problems(form: Any) -> list[dict[str, str]]:
    """Every error of a form, or of a list of forms, with the name and id of the field it belongs to."""
    forms = [one for one in (form if isinstance(form, (list, tuple)) else [form]) if one]
    found = [{"text": str(error), "target": ""} for one in forms for error in one.non_field_errors()]
    for one in forms:
        for field in one:
            target = field.id_for_label or field.auto_id
            found += [
                {"label": str(field.label), "text": str(error), "target": target} for error in field.errors
            ]
    return found


@register.filter
def kind_of(field: Any) -> str:
    """How our form pack draws a field: by what its widget says, else by the widget's class."""
    widget = field.field.widget
    chosen = widget.attrs.get("data-as") or getattr(widget, "drawn_as", "")
    if chosen:
        return str(chosen)
    input_type = getattr(widget, "input_type", "")
    names = {"checkbox": "checkbox", "radio": "radios", "select": "select", "file": "file"}
    if type(widget).__name__ == "CheckboxSelectMultiple":
        return "checkboxes"
    return names.get(input_type, "input")


@register.filter
def describedby(field: Any) -> str:
    """The ids of hint and error, in reading order."""
    ids = [f"{field.auto_id}_hint"] if field.help_text else []
    ids += [f"{field.auto_id}_error"] if field.errors else []
    return " ".join(ids)


@register.simple_tag
def draw(field: Any, css: str = "form-control") -> SafeString:
    """A widget with our class, tied to its hint and error."""
    attrs = {"class": f"{field.field.widget.attrs.get('class', '')} {css}".strip()}
    if words := describedby(field):
        attrs["aria-describedby"] = words
    if field.errors:
        attrs["aria-invalid"] = "true"
        attrs["class"] += " is-invalid"
    return SafeString(field.as_widget(attrs=attrs))


@register.simple_tag
def undo_url(tags: object) -> str:
    """The address after "undo:" in a message's tags. Only addresses of this site count."""
    for word in str(tags or "").split():
        if word.startswith("undo:/") and not word.startswith("undo://"):
            return word.removeprefix("undo:")
    return ""


@register.simple_tag
def choice_input(choice: Any) -> SafeString:
    """One box or radio of a group with our class."""
    choice.data["attrs"] = {**choice.data["attrs"], "class": "form-check-input"}
    return SafeString(choice.tag())
