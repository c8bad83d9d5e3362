"""A list of people: looked at with its duplicates, then registered row by row (F6 of the UX goals)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from accounts.acting import now
from accounts.models import Market, User
from compliance import audit
from compliance.policy import Deed
from imports.models import Upload
from imports.readers import PeopleFile, PersonRow, RowProblem, read_people
from kols.actions import register_kol
from kols.models import KOL, Identifier, Institution

_SAME_NAME = """
SELECT DISTINCT ON (w.n) w.n, k.id FROM unnest(%(n)s::int[], %(names)s::text[], %(cities)s::text[]) AS w (n, name, city)
  JOIN kols_kol k ON k.sort_name = crm_fold(w.name) AND k.status IN ('ACTIVE', 'TO_VERIFY')
  LEFT JOIN kols_institution i ON i.id = k.main_institution_id
 WHERE w.city = '' OR i.city IS NULL OR crm_fold(i.city) = crm_fold(w.city)
 ORDER BY w.n, k.id
"""


@dataclass(frozen=True)
class PeoplePreview:
    """What a list of people would do: who is new, who may be here already, what cannot be used."""

    file: PeopleFile
    new: tuple[PersonRow, ...]
    duplicates: tuple[tuple[PersonRow, KOL, str], ...]

    @property
    def counts(self) -> dict[str, int]:
        return {
            "new": len(self.new),
            "duplicates": len(self.duplicates),
            "skipped": len(self.file.skipped) + len(self.file.institutions),
            "rejected": len(self.file.problems),
        }


def preview_people(content: bytes, filename: str) -> PeoplePreview:
    """Read a list whole and look each person up by number and by name. Raises NotUnderstood; writes nothing."""
    file = read_people(io.BytesIO(content), filename)
    found = _by_number(file.rows) | _by_name(file.rows)
    kols = KOL.objects.select_related("main_institution").in_bulk({pk for pk, _ in found.values()})
    duplicates = tuple(
        (row, kols[found[row.row][0]], found[row.row][1]) for row in file.rows if row.row in found
    )
    return PeoplePreview(file, tuple(row for row in file.rows if row.row not in found), duplicates)


def _by_name(rows: Iterable[PersonRow]) -> dict[int, tuple[UUID, str]]:
    rows = list(rows)
    facts: dict[str, Any] = {
        "n": [row.row for row in rows],
        "names": [f"{row.family_name} {row.given_name}".strip() for row in rows],
        "cities": [row.city for row in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAME_NAME, facts)
        return {number: (pk, "name") for number, pk in cursor.fetchall()}


def _by_number(rows: Iterable[PersonRow]) -> dict[int, tuple[UUID, str]]:
    wanted = {value: row.row for row in rows for value in (row.npi, row.orcid) if value}
    held = Identifier.objects.filter(value__in=wanted).values_list("value", "kol", "scheme")
    return {wanted[value]: (kol, scheme) for value, kol, scheme in held}


@audit.action
def import_people(
    upload: Upload, *, market: Market, by: User, keep_both: Iterable[int] = ()
) -> tuple[list[KOL], list[RowProblem]]:
    """Register the people of a list who are not here yet, as "to verify", and say what became of each other row.

    `keep_both` names rows that look like somebody who is here and yet are another person. Carried out once: a
    second time nobody is registered twice.
    """
    audit.permit(Deed.IMPORT_KOLS, on=upload, by=by)
    upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
    if upload.carried_out_at is not None:
        return [], [RowProblem(0, "This list was imported before.")]
    preview = preview_people(bytes(upload.content), upload.filename)
    registered, problems = _register_all(chosen(preview, keep_both), market, upload, by)
    _carried_out(upload, {**preview.counts, "registered": len(registered)}, market, by)
    return registered, [*preview.file.problems, *problems]


def chosen(preview: PeoplePreview, keep_both: Iterable[int]) -> list[PersonRow]:
    """The rows that are registered: who is new, and whoever somebody says is another person."""
    wanted = set(keep_both)
    kept = (row for row, _, why in preview.duplicates if row.row in wanted and why == "name")
    return sorted([*preview.new, *kept], key=lambda row: row.row)


@audit.action
def import_some(
    upload: Upload, rows: Sequence[int], *, market: Market, by: User, counts: dict[str, int] | None
) -> tuple[int, list[RowProblem]]:
    """Register these rows of a long list. With `counts`, they are the last ones and the list is carried out."""
    audit.permit(Deed.IMPORT_KOLS, on=upload, by=by)
    upload = Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
    wanted = set(rows)
    file = read_people(io.BytesIO(bytes(upload.content)), upload.filename)
    registered, problems = _register_all([row for row in file.rows if row.row in wanted], market, upload, by)
    if counts is not None:
        _carried_out(upload, {**counts, "registered": counts["registered"] + len(registered)}, market, by)
    else:
        audit.record("imported a part of", upload, by=by, market=market.code, registered=len(registered))
    return len(registered), problems


def _carried_out(upload: Upload, counts: dict[str, int], market: Market, by: User) -> None:
    upload.carried_out_at, upload.counts = now(), counts
    upload.save(update_fields=["carried_out_at", "counts"])
    audit.record("imported", upload, by=by, market=market.code, **upload.counts)


def _register_all(
    rows: Sequence[PersonRow], market: Market, upload: Upload, by: User
) -> tuple[list[KOL], list[RowProblem]]:
    """Each in its savepoint: a number that somebody else has already stops nothing else."""
    places = _places(list(rows))
    registered: list[KOL] = []
    problems: list[RowProblem] = []
    for row in rows:
        try:
            with transaction.atomic():
                registered.append(_register(row, market, places, upload, by))
        except IntegrityError:
            problems.append(RowProblem(row.row, "Another person has this number already.", "identifier"))
    return registered, problems


Place = tuple[str, str]


def _places(rows: list[PersonRow]) -> dict[Place, Institution]:
    """The institutions the rows name, found by name and city or entered."""
    places: dict[Place, Institution] = {}
    for row in rows:
        key = (row.institution.strip(), row.city.strip())
        if not key[0] or key in places:
            continue
        found = Institution.objects.filter(name__iexact=key[0], city__iexact=key[1]).order_by("pk").first()
        places[key] = found or Institution.objects.create(
            name=key[0][:250],
            street=row.street[:250],
            postcode=row.postcode[:16],
            city=key[1][:120],
            region=_region(row),
            country=row.country[:2],
        )
    return places


def _region(row: PersonRow) -> str:
    region = row.region.strip().upper()
    if not region or "-" in region or not row.country:
        return region[:8]
    return f"{row.country}-{region}"[:8]


def _register(
    row: PersonRow, market: Market, places: dict[Place, Institution], upload: Upload, by: User
) -> KOL:
    identifiers = [(scheme, value) for scheme, value in (("NPI", row.npi), ("ORCID", row.orcid)) if value]
    return register_kol(
        by=by,
        title=row.title[:80],
        given_name=row.given_name[:120],
        family_name=row.family_name[:120],
        suffix=row.suffix[:40],
        specialty=row.specialty[:200],
        languages=[language[:5] for language in row.languages],
        email=row.email,
        phone=row.phone[:60],
        main_market=market,
        institution=places.get((row.institution.strip(), row.city.strip())),
        identifiers=identifiers,
        source=f"{upload.filename[-60:]}, row {row.row}",
        status=KOL.Status.TO_VERIFY,
    )
