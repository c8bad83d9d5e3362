"""Which expert an appointment of another calendar is with: by the address of the invitation, or by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accounts.models import User
from calendars.reading import Found
from kols.models import KOL

MOST = 2000
TITLES = frozenset({"dr", "prof", "professor", "professorin", "frau", "herr", "pd"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae"})


def matched(user: User, found: Iterable[Found], at: datetime) -> dict[Found, UUID]:
    """The appointments that are with exactly one expert this person may know. The others are not mentioned."""
    rows = list(found)
    known = KOL.objects.visible_to(user).listed()
    addresses = {address for row in rows for address in row.addresses if address}
    by_address: dict[str, set[UUID]] = {}
    for pk, email in known.filter(email__in=addresses).values_list("pk", "email")[:MOST]:
        by_address.setdefault(email.lower(), set()).add(pk)
    own = known.filter(
        relations__ownerships__owner=user, relations__ownerships__during__contains=at
    ).distinct()
    people = [
        (pk, family, given) for pk, family, given in own.values_list("pk", "family_name", "given_name")[:MOST]
    ]
    matches = {}
    for row in rows:
        hits = set().union(*(by_address.get(address, set()) for address in row.addresses)) or _named(
            row, people
        )
        if len(hits) == 1:
            matches[row] = next(iter(hits))
    return matches


def _named(row: Found, people: Iterable[tuple[UUID, str, str]]) -> set[UUID]:
    """Experts whose family name occurs together with the given name, or after a title."""
    said = [spelt(row.words, folding) for folding in (True, False)]
    hits = set()
    for pk, family, given in people:
        for number, folding in enumerate((True, False)):
            surname, first = spelt(family, folding), spelt(given, folding)
            words = said[number]
            if (
                surname
                and _together(words, surname)
                and ((first and set(first) <= set(words)) or _after_title(words, surname))
            ):
                hits.add(pk)
    return hits


def spelt(text: str, german: bool) -> list[str]:
    """The words of a text without accents; umlauts as German spells them out, or as bare letters."""
    lower = text.lower()
    if german:
        lower = lower.translate(_UMLAUTS)
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(sign))
    return re.findall(r"\w+", plain)[:400]


def _together(words: list[str], name: list[str]) -> bool:
    return any(words[at : at + len(name)] == name for at in range(len(words) - len(name) + 1))


def _after_title(words: list[str], name: list[str]) -> bool:
    return any(
        words[at : at + len(name)] == name and words[at - 1] in TITLES
        for at in range(1, len(words) - len(name) + 1)
    )
