"""What every record of the product has in common."""

from __future__ import annotations

import uuid
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy

from compliance import policy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Record(models.Model):
    """A row with a random identifier, the only one ever shown outside (decision 7)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


def choices(words: type[StrEnum]) -> list[tuple[str, StrPromise]]:
    """The members of a policy enumeration as field choices, in the reader's language."""
    return [(value, gettext_lazy(label)) for value, label in policy.choices(words)]


def sql(module_file: str, name: str) -> str:
    """The text of a hand-written SQL file beside the migrations folder, for `RunSQL`."""
    return (Path(module_file).resolve().parent.parent / "sql" / name).read_text(encoding="utf-8")
