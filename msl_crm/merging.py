"""Two people in one form: what was changed apart is put together, and what both changed is asked about.

A page tells in a hidden field what its fields said when it was shown. Whoever saves later than somebody else then
overwrites nothing unseen: a field she left alone takes what is saved by now, a field that both changed is shown
with both versions, and she chooses. Without the hidden field nothing is compared.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest

SEEN, KEEP = "as-shown", "keep-"
OURS = ("csrfmiddlewaretoken", SEEN)


@dataclass(frozen=True)
class Clash:
    """A field that two people changed, each to something else."""

    name: str
    label: str
    mine: str
    theirs: str


def shown(fresh: forms.BaseForm) -> str:
    """What the fields of a form that nobody has filled say, for the hidden field of its page."""
    return json.dumps({name: _value(fresh, name) for name in fresh.fields}, cls=DjangoJSONEncoder)


def merge(posted: QueryDict, fresh: forms.BaseForm) -> tuple[QueryDict, list[Clash]]:
    """What was posted with everything that somebody else saved meanwhile, and what both changed.

    `fresh` is the same form, not filled, of the row as it is saved by now; the row should be locked.
    """
    data, clashes = posted.copy(), []
    seen = _read(posted.get(SEEN, ""))
    for name, field in fresh.fields.items():
        present = json.loads(json.dumps(_value(fresh, name), cls=DjangoJSONEncoder))
        key = fresh.add_prefix(name)
        mine = field.widget.value_from_datadict(posted, {}, key)
        if posted.get(KEEP + name) == "theirs":
            _put(data, key, present)
        elif name not in seen or seen[name] == present:
            continue
        elif not field.has_changed(seen[name], mine):
            _put(data, key, present)
        elif field.has_changed(present, mine):
            clashes.append(Clash(name, str(field.label), _in_words(field, mine), _in_words(field, present)))
    return data, clashes


def ask(
    request: SignedInRequest, data: QueryDict, fresh: forms.BaseForm, clashes: list[Clash]
) -> HttpResponse:
    """Both versions side by side, to be chosen field by field; everything put together goes with the page."""
    kept = [
        (name, value)
        for name, values in data.lists()
        for value in values
        if name not in OURS and not name.startswith(KEEP)
    ]
    context = {"clashes": clashes, "kept": kept, "shown": shown(fresh), "seen_name": SEEN, "keep_name": KEEP}
    return render(request, "409.html", context, status=409)


def _value(form: forms.BaseForm, name: str) -> Any:
    value = form.get_initial_for_field(form.fields[name], name)
    return "" if value is None else value


def _read(said: str) -> dict[str, Any]:
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _put(data: QueryDict, key: str, value: Any) -> None:
    if value is False:
        data.pop(key, None)
    elif isinstance(value, list):
        data.setlist(key, [str(one) for one in value])
    else:
        data[key] = "on" if value is True else str(value)


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    words = {str(code): str(label) for code, label in getattr(field, "choices", ())}
    values = value if isinstance(value, list) else [value]
    return ", ".join(words.get(str(one), str(one)) for one in values if one not in ("", None)) or _("nothing")
