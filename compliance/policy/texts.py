"""Free text beside the answers: what stays in it only with a reason, and is drawn for review (R-098)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from .facts import Act
from .rulings import Ruling, needing
from .words import Document, Duty, Intent

# By kind of words the rule they touch: a topic that is not declared, a product call, a patient.
RULES = MappingProxyType({"NAME": "R-003", "BRAND": "R-001", "PROMOTION": "R-021", "PATIENT": "R-098"})
OTHERWISE = "R-098"


def explained(act: Act) -> Iterator[Ruling]:
    """Words that name what is no topic, praise, or tell of a patient stay with a reason, and are sampled."""
    if act.intent != Intent.RECORD:
        return
    missing = () if act.words_reason else (Document.WORDS,)
    for kind in sorted(set(act.said)):
        ruling = needing(RULES.get(kind, OTHERWISE), missing, code="words_unexplained")
        yield replace(ruling, duties=(Duty.SAMPLED,))
