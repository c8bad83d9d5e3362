"""What every record of the product has in common."""

import uuid
from pathlib import Path

from django.db import models


class Record(models.Model):
    """A row with a random identifier, the only one ever shown outside (decision 7)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


def choices(enum: type) -> list[tuple[str, str]]:
    """The members of a policy enumeration as field choices."""
    return [(str(member), str(member).replace("_", " ").capitalize()) for member in enum]  # type: ignore[attr-defined]


def sql(module_file: str, name: str) -> str:
    """The text of a hand-written SQL file beside the migrations folder, for `RunSQL`."""
    return (Path(module_file).resolve().parent.parent / "sql" / name).read_text(encoding="utf-8")
