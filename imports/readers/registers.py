"""What all lists of people share: the header, and the columns that may not stand in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .tabular import Found, Layout, Table, find
from .text import title_key
from .words import NotUnderstood

# what a doctor prescribes or could sell has no place beside a scientific profile.
_COMMERCIAL = re.compile(
    r"\b(?:trx|nrx|nbrx|totalrx|newrx|brandrx|rx|tscript|nscript)\w*"
    r"|\b(?:decile|dezil|quintile)\w*|\w*decile\b"
    r"|\w*prescri[bp]\w*|\w*verordnung\w*|\w*verschreib\w*|\bclaims? (?:count|volume)\b"
    r"|\bsales(?!force)\w*|\brevenue\w*|\bturnover\w*|\w*umsatz\w*|\babsatz\w*"
    r"|\bmarket ?share\w*|\bmarktanteil\w*|\w*potential\w*|\w*potenzial\w*|\bpatient ?volume\w*"
    r"|\bquota\b|\bformulary ?wins?\b"
)


def find_people(tables: Sequence[Table], layout: Layout) -> Found | None:
    """The table with this layout. Raises NotUnderstood when a column holds prescribing or sales figures."""
    found = find(tables, layout)
    for title in found.every_title if found else ():
        if _COMMERCIAL.search(title_key(title)):
            raise NotUnderstood(
                f"The column “{title[:80]}” speaks of prescriptions, sales or potential. Such figures may "
                "not stand beside scientific profiles (R-074, R-075). "
                "Remove the column and try again; nothing was read."
            )
    return found
