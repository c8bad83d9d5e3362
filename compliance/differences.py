"""What the database itself wrote down, in plain language: old and new of each field, by their names in the product."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from accounts.models import User
from compliance.models import AuditEntry, RowChange

SHOWN = 30
Change = dict[str, Any]


@cache
def _tables() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


def beside(entry: AuditEntry) -> list[Change]:
    """The rows that changed in the entry's own transaction: its subject's first, then what went with it."""
    known = {"row": entry.subject_id} if entry.transaction is None else {"transaction": entry.transaction}
    found = list(RowChange.objects.filter(at=entry.at, **known).order_by("sequence")[: SHOWN * 2])
    found.sort(key=lambda row: row.row != entry.subject_id)
    return in_words(found[:SHOWN])


def in_words(rows: Sequence[RowChange]) -> list[Change]:
    """Each row as a heading and its fields. Ids of people become their names."""
    names = _names(rows)
    return [_row(row, names) for row in rows]


def _row(row: RowChange, names: dict[str, str]) -> Change:
    model = _tables().get(row.table)
    what = str(model._meta.verbose_name) if model is not None else row.table.replace("_", " ")
    heading = {
        "INSERT": _("%(what)s added"), "UPDATE": _("%(what)s changed"), "DELETE": _("%(what)s removed"),
    }.get(row.operation, row.operation)  # fmt: skip
    return {
        "heading": (heading % {"what": what}) if "%(" in heading else heading,
        "table": row.table,
        "operation": row.operation,
        "actor": names.get(row.actor, row.actor),
        "at": row.at,
        "sequence": row.sequence,
        "transaction": row.transaction,
        "erased": row.erased_at is not None,
        "changes": _fields(model, row.before or {}, row.after or {}, names),
    }


def _fields(
    model: type[models.Model] | None, before: Any, after: Any, names: dict[str, str]
) -> list[dict[str, str]]:
    known = {field.column: field for field in model._meta.concrete_fields} if model is not None else {}
    changes = []
    for name in sorted({*before, *after}):
        field = known.get(name)
        was, is_ = (_value(field, values.get(name), names) for values in (before, after))
        # Nothing and an empty text are the same to whoever reads.
        if was != is_:
            label = str(field.verbose_name) if field is not None else name.replace("_", " ")
            changes.append({"field": label, "before": was, "after": is_})
    return changes


def _value(field: Any, value: Any, names: dict[str, str]) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        words = dict(field.flatchoices).get(value) if field is not None and field.flatchoices else None
        return str(words) if words is not None else names.get(value, value)
    return str(value) if isinstance(value, UUID) else json.dumps(value, ensure_ascii=False)


def _names(rows: Iterable[RowChange]) -> dict[str, str]:
    """The names of the people whose ids stand in these rows, in one statement."""
    ids: set[UUID | None] = set()
    for row in rows:
        ids.add(_uuid(row.actor))
        model = _tables().get(row.table)
        for field in model._meta.concrete_fields if model is not None else ():
            if field.related_model is User:
                ids |= {
                    _uuid((row.before or {}).get(field.column)),
                    _uuid((row.after or {}).get(field.column)),
                }
    wanted = [one for one in ids if one is not None]
    return {str(user.pk): user.name for user in User.objects.filter(pk__in=wanted)} if wanted else {}


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


def of_record(entries: Sequence[AuditEntry], rows: Sequence[RowChange]) -> list[dict[str, Any]]:
    """The trail of one record, newest first: each event with its differences, and changes that no event tells of."""
    changes = in_words(rows)
    told: dict[Any, list[Change]] = {}
    for change in changes:
        told.setdefault((change["transaction"], change["at"]), []).append(change)
    items: list[dict[str, Any]] = []
    # What several events of one transaction share stands with the first of them.
    for entry in reversed(entries):
        mine = told.pop((entry.transaction, entry.at), [])
        items.append({"entry": entry, "at": entry.at, "place": entry.sequence, "changes": mine})
    items += [
        {"entry": None, "at": at, "place": 0, "changes": left} for (_transaction, at), left in told.items()
    ]
    return sorted(items, key=lambda item: (item["at"], item["place"]), reverse=True)


def record_of(pk: UUID, entries: Sequence[AuditEntry], rows: Sequence[RowChange]) -> models.Model | None:
    """What the trail is about, by its kind and id alone: the record itself may be gone."""
    by_label = {model._meta.label: model for model in _tables().values()}
    kinds = [by_label.get(entry.subject_type) for entry in entries] + [
        _tables().get(row.table) for row in rows
    ]
    model = next((kind for kind in kinds if kind is not None), None)
    return model(pk=pk) if model is not None else None
