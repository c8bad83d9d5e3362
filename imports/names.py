"""The medicines of others, as the regulators' tables name them: what free text is read for beside our own."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from compliance.wording import Name, NameSort
from imports.models import Adoption, RegulatorRecord, first_word


def others(begins: set[str]) -> Iterable[Name]:
    """Names that begin with one of these words, of records that nobody adopted as ours. The same for everybody."""
    adopted = Adoption.objects.filter(source=OuterRef("source"), key=OuterRef("key"))
    rows = (
        RegulatorRecord.objects.filter(~Exists(adopted), latest=True)
        .alias(of_name=first_word("name"), of_inn=first_word("inn"))
        .filter(Q(of_name__in=begins) | Q(of_inn__in=begins))
        .values_list("pk", "name", "inn")
    )
    for key, name, inn in rows[:500]:
        yield Name(name, NameSort.BRAND, str(key), ours=False)
        if inn:
            yield Name(inn, NameSort.INN, str(key), ours=False)
