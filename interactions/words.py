"""Words in the free text of a record: what is marked, what must go, and what may stay with a reason (R-098).

Names are looked for among those the author may know, so that no mark tells field service of a product before its
day. What the regulators' tables know of other companies' medicines is added by `OTHER_NAMES` (imports).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.models import Market, User
from compliance import audit, packs, wording
from compliance.policy import Act, Document, Side, Zone
from compliance.policy.packs import packs as known_packs
from compliance.wording import Level, Mark, Name, NameSort
from interactions.models import Interaction, WordMark
from products.models import Product

if TYPE_CHECKING:
    from interactions.facts import Present, Spoken

# Each answers for a set of first words, folded, the medicines of others that begin so.
OTHER_NAMES: list[Callable[[set[str]], Iterable[Name]]] = []
# Notes are German or English, whoever writes them: both lists are read.
LANGUAGE = "de"
AROUND = 30
BESIDE = "BESIDE"
# What a refusal calls the kinds; the words themselves stand in no trail.
TOLD = {
    "NAME": "a medicine", "BRAND": "a brand before its day", "PROMOTION": "praise", "PATIENT": "a patient",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text of a record. `ours`: we say it; a doctor's own words are no promotion of ours."""

    field: str
    text: str
    position: int | None = None
    ours: bool = True


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the author wrote beside the answers, and why some of it stays."""

    title: str = ""
    note: str = ""
    reason: str = ""

    def texts(self, topics: Sequence[Spoken]) -> list[Text]:
        found = [
            Text(field=WordMark.Field.TITLE, text=self.title),
            Text(field=WordMark.Field.NOTE, text=self.note),
        ]
        for place, topic in enumerate(topics):
            question = str(topic.documents.get(Document.REQ, {}).get("question") or "")
            found += [
                Text(field=WordMark.Field.SHARED, text=topic.shared, position=place),
                Text(field=WordMark.Field.HEARD, text=topic.heard, position=place, ours=False),
                Text(field=WordMark.Field.QUESTION, text=question, position=place, ours=False),
            ]
        return [one for one in found if one.text.strip()]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A mark in one text of a record."""

    text: Text
    mark: Mark

    @property
    def sentence(self) -> str:
        """Why it is marked, and what to do."""
        return wording.sentence(self.mark.kind, self.mark.reason, _)

    @property
    def parts(self) -> tuple[str, str, str]:
        return excerpt(self.text.text, self.mark.start, self.mark.end)


def excerpt(text: str, start: int, end: int) -> tuple[str, str, str]:
    """The words with a little of what stands before and after."""
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return (
        ("…" if start > AROUND else "") + before,
        text[start:end],
        after + ("…" if len(text) > end + AROUND else ""),
    )


def marks(
    by: User,
    texts: Sequence[Text],
    *,
    declared: Iterable[str],
    authorised: Iterable[str],
    levels: Iterable[Mapping[str, str]],
    people: Iterable[str],
) -> tuple[Found, ...]:
    """Every mark in these texts; nothing is asked of the database where nothing is written."""
    if not texts:
        return ()
    reader = wording.Reader(
        wording.Facts(
            packs=tuple(levels),
            language=LANGUAGE,
            names=tuple(_names(by, [one.text for one in texts])),
            declared=frozenset(declared),
            authorised=frozenset(authorised),
            promotes=by.side == Side.COMMERCIAL,
            people=frozenset(people),
        )
    )
    return tuple(
        Found(text=text, mark=mark) for text in texts for mark in reader.marks(text.text, ours=text.ours)
    )


def _names(by: User, texts: list[str]) -> Iterable[Name]:
    for product in Product.objects.visible_to(by).only("inn", "brand", "code_names"):
        key = str(product.pk)
        yield from (Name(text, NameSort.BRAND, key) for text in (product.brand,) if text)
        yield from (Name(text, NameSort.INN, key) for text in (product.inn,) if text)
        if by.side != Side.COMMERCIAL:
            yield from (Name(text, NameSort.CODE, key) for text in product.code_names if text)
    begins = wording.first_keys(*texts)
    for lookup in OTHER_NAMES:
        yield from lookup(begins)


def of_act(
    by: User, act: Act, topics: Sequence[Spoken], people: Sequence[Present], written: Written
) -> tuple[Found, ...]:
    """The marks of a record that is being judged, by the topics it declares and the rules of its markets."""
    versions = [known_packs().get(pair) for pair in act.pack_versions]
    return marks(
        by,
        written.texts(topics),
        declared={topic.product for topic in act.topics if topic.product},
        authorised={topic.product for topic in act.topics if _past_its_day(topic.zones)},
        levels=[pack.words for pack in versions if pack is not None],
        people=[str(each.kol or each.colleague or each.name) for each in people],
    )


def _past_its_day(zones: Sequence[Any]) -> bool:
    return bool(zones) and all(zone in (Zone.OPEN, Zone.CLOSED) for place in zones for zone in place.zones)


def levels_in(market: Market, at: datetime) -> list[Mapping[str, str]]:
    """What the rules in force in a market say of levels."""
    row = Market.objects.filter(pk=market.pk).annotate(pack=packs.in_force(at)).values_list("code", "pack")
    return [pack.words for pair in row if (pack := known_packs().get(pair)) is not None]


def of_text(by: User, market: Market, *texts: str | Text, people: Iterable[str] = ()) -> tuple[Found, ...]:
    """The marks of a text without topics: a follow-up, the title of a plan, what somebody tells of a deviation.

    It is about no topic, so every product the author may know of may be named in it.
    """
    read = [text if isinstance(text, Text) else Text(field=BESIDE, text=text) for text in texts]
    written = [one for one in read if one.text.strip()]
    if not written:
        return ()
    known = {str(pk) for pk in Product.objects.visible_to(by).values_list("pk", flat=True)}
    return marks(
        by, written, declared=known, authorised=known, levels=levels_in(market, now()), people=people
    )


def settle(
    by: User, market: Market, *texts: str | Text, reason: str, verb: str, people: Iterable[str] = ()
) -> tuple[Found, ...]:
    """Let such a text pass, with its reason where one is asked for; else it is refused, and nothing is saved (R-098)."""
    found = of_text(by, market, *texts, people=people)
    if blocked(found):
        audit.refuse("R-098", "words_blocked", verb=verb, on=None, by=by)
    if (kinds := said(found)) and not reason.strip():
        audit.refuse("R-098", "words_unexplained", verb=verb, on=None, by=by,
                     documents=", ".join(TOLD[kind] for kind in kinds))  # fmt: skip
    return found


def said(found: Iterable[Found]) -> tuple[str, ...]:
    """The kinds that stay only with a reason, as the boundary takes them."""
    return tuple(sorted({str(one.mark.kind) for one in found if one.mark.level is Level.EXPLAIN}))


def blocked(found: Iterable[Found]) -> bool:
    return any(one.mark.level is Level.BLOCK for one in found)


def keep(interaction: Interaction, found: Sequence[Found], reason: str) -> None:
    """Write down where something was marked, and why it stays; the words themselves stand in the text alone."""
    if interaction.version > 1:
        interaction.wordmarks.all().delete()
    if found:
        WordMark.objects.bulk_create(
            WordMark(
                interaction=interaction, compartment=interaction.compartment, author=interaction.author,
                field=one.text.field, position=one.text.position, start=one.mark.start, end=one.mark.end,
                kind=str(one.mark.kind), code=one.mark.reason, level=str(one.mark.level),
                kept_because=reason.strip()[:300], at=interaction.updated_at,
            )
            for one in found
        )  # fmt: skip


def shown(record: Interaction) -> list[dict[str, Any]]:
    """The marks of a record with their words. Ask with its topics and marks prefetched."""
    topics = {topic.position: topic for topic in record.topics.all()}
    return [
        {
            "mark": mark,
            "sentence": wording.sentence(wording.Kind(mark.kind), mark.code, _),
            "parts": excerpt(mark.text_in(record, topics), mark.start, mark.end),
        }
        for mark in record.wordmarks.all()
    ]


def reason_of(pk: UUID) -> str:
    """The reason a record holds, for an edit that does not speak of it."""
    kept = WordMark.objects.filter(interaction=pk).exclude(kept_because="").values_list("kept_because")
    return next((reason for (reason,) in kept[:1]), "")
