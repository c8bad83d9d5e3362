"""Side effects told in passing, in any text (R-127, R-133): rebutted with a reason, or reported before anything else.

It only suggests. What it does not find is not denied by it, and what it finds is closed by Safety alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.crypto import salted_hmac

from accounts.acting import acting_as, now, system
from accounts.models import User
from compliance import audit
from compliance.policy import Side
from compliance.wording.effects import cues
from products.models import Product
from safety.actions import report_side_effect
from safety.cues import Cue
from safety.models import SafetyReport
from safety.routing import best

LONGEST_QUOTE = 2000
TOLD_IN_PASSING = "Read in a text, not said by its author:"


@dataclass(frozen=True)
class Suspected:
    """A place in a text that seems to tell of something, with the words around it."""

    text: str
    start: int
    end: int
    reason: str

    @property
    def words(self) -> str:
        return self.text[self.start : self.end]

    @property
    def sentence(self) -> str:
        """The sentence it stands in, with the one before and after: a report needs them."""
        begin = self.text.rfind("\n", 0, max(0, self.start - 200)) + 1
        return self.text[max(begin, self.start - 300) : self.end + 300].strip()


def suspect(by: User, texts: Sequence[str]) -> list[Suspected]:
    """Where these texts seem to tell of a side effect. Names are those the author may know."""
    # What is no event even beside a medicine is none at all: most texts ask the database nothing.
    texts = [text for text in texts if text and text.strip() and cues(text, text.split())]
    if not texts:
        return []
    rows = Product.objects.visible_to(by).values_list("brand", "inn")
    names = [name for pair in rows for name in pair if name]
    return [Suspected(text, cue.start, cue.end, cue.reason) for text in texts for cue in cues(text, names)]


@audit.action
def listen(
    *, by: User, texts: Sequence[str], source: str, base: UUID, rebuttal: str = "", learned_at: datetime | None = None,
    **facts: Any,
) -> SafetyReport | None:  # fmt: skip
    """Report what the texts seem to tell, unless the author rebuts it with a reason; before they are saved.

    `base` names what is written: the same text sent or saved again is asked about once. Whatever fails in reading
    it stops nobody from saving. `facts` go to the report (kol, market, about).
    """
    nothing: list[Suspected] = []
    found = best(lambda: suspect(by, texts), nothing)
    if not found:
        return None
    key = _key(base, found)
    before = Cue.objects.filter(author=by, key=key).select_related("report").first()
    if before is not None:
        return before.report
    report = None
    if not rebuttal.strip():
        quoted = "\n".join(dict.fromkeys(one.sentence for one in found))[:LONGEST_QUOTE]
        report = report_side_effect(
            by=by, what_happened=f"{TOLD_IN_PASSING}\n{quoted}", product_words=_named(by, quoted),
            learned_at=learned_at, client_ref=key, **facts,
        )  # fmt: skip
    with acting_as(system("keep what a text was suspected of", by=by)):
        Cue.objects.create(
            author=by, author_side=str(by.side or Side.NEUTRAL), key=key, source=source, reason=found[0].reason,
            count=min(len(found), 1000), report=report, rebuttal=rebuttal.strip()[:300], at=now(),
        )  # fmt: skip
    if report is None:
        audit.record("rebutted a suspected side effect", by=by, source=source, places=len(found))
    return report


@audit.action
def rebut(report: SafetyReport, *, reason: str, by: User) -> None:
    """Say why what a text was suspected of is none. Safety reads it and decides; nothing is closed by it (R-133)."""
    cue = Cue.objects.select_for_update(no_key=True).filter(report=report, author=by, rebuttal="").first()
    if cue is None or not reason.strip():
        audit.refuse("R-127", "not_yours", verb="was refused to rebut", on=report, by=by)
    with acting_as(system("keep a rebuttal", by=by)):
        cue.rebuttal = reason.strip()[:300]
        cue.save(update_fields=["rebuttal"])
    audit.record("rebutted", report, by=by, words=report.number)


def _key(base: UUID, found: list[Suspected]) -> UUID:
    """One for the same words in the same text. Keyed, so that nobody can guess the words from it."""
    words = "\n".join(one.sentence for one in found)
    return UUID(salted_hmac("told in passing", f"{base} {words}", algorithm="sha256").hexdigest()[:32])


def _named(by: User, text: str) -> str:
    """The products of ours that the author may know and that stand in it."""
    folded = text.casefold()
    names = [product.name for product in Product.objects.visible_to(by) if product.name.casefold() in folded]
    return ", ".join(names)[:200]
