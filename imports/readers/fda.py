"""The FDA's monthly list of approvals and tentative approvals.

One record per application number, however many lines, names and supplements it has. Only an original
submission that was approved is an authorisation. A supplement on efficacy usually means a new or changed
indication and is left to a person: the list does not say which.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from .tabular import MAX_NAME, Found, Layout, Record, Table, find
from .text import clean, folded, order_of_days, parse_day, plain, split_list
from .words import AuthorisationRecord, NotUnderstood, RowProblem, Snapshot

SOURCE = "FDA"

_LAYOUT = Layout(
    titles={
        "day": ("approval date", "action date", "submission status date"),
        "name": ("drug name", "drug name and application number"),
        "submission": ("submission",),
        "substances": ("active ingredients", "active ingredient", "active ingredient s"),
        "company": ("company", "applicant"),
        "classification": ("submission classification",),
        "status": ("submission status",),
    },
    required=frozenset({"day", "name", "submission", "status"}),
    single=True,
)
# The list prints name, type padded to six characters, "#", number. Reading the type greedily would turn
# FARXIGA of an NDA into FARXIG of an ANDA.
_GLUED = re.compile(r"^(?P<name>.*)(?P<kind>(?:ANDA  |NDA   |BLA   ))#(?P<number>\d{5,7})\s*$", re.S)
_SQUEEZED = re.compile(r"^(?P<name>.*?)\s*(?P<kind>ANDA|NDA|BLA)\s*#?\s*(?P<number>\d{5,7})\s*$", re.S)
_SUBMISSION = re.compile(r"(ORIG|SUPPL)\s*-\s*(\d{1,5})", re.I)
_SPACES = dict.fromkeys((0xA0, 0x2007, 0x202F), " ")


@dataclass(frozen=True)
class _Line:
    row: int
    kind: str
    name: str
    original: bool
    number: int
    approved: bool
    day: date | None
    classification: str
    substances: tuple[str, ...]
    company: str
    payload: dict[str, str]
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{'ORIG' if self.original else 'SUPPL'}-{self.number}"


@dataclass
class _Reading:
    found: Found
    month_first: bool
    lines: dict[str, list[_Line]] = field(default_factory=dict)
    rejected: list[RowProblem] = field(default_factory=list)
    skipped: list[RowProblem] = field(default_factory=list)

    def take(self, record: Record) -> None:
        if record.is_header_again():
            self.skipped.append(RowProblem(record.number, "the header again"))
            return
        if len(record.row.cells) == 1:
            self.skipped.append(RowProblem(record.number, "a remark, not a line of the table"))
            return
        if flaw := record.flaw():
            self.rejected.append(RowProblem(record.number, flaw[1], flaw[0]))
            return
        try:
            key, line = self._read(record)
        except ValueError as problem:
            reason, column = problem.args
            self.rejected.append(RowProblem(record.number, reason, self.found.title(column)))
            return
        self.lines.setdefault(key, []).append(line)

    def _read(self, record: Record) -> tuple[str, _Line]:
        substances = split_list(record.raw("substances"))
        name, kind, number = take_apart(plain(record.raw("name") or ""), substances)
        submission = _SUBMISSION.fullmatch(record.text("submission"))
        if submission is None:
            raise ValueError(f"“{record.text('submission')[:40]}” is no submission", "submission")
        status = record.text("status").casefold()
        if status not in ("approval", "tentative approval"):
            raise ValueError(
                f"“{record.text('status')[:40]}” is neither an approval nor a tentative one", "status"
            )
        day, problem = parse_day(record.raw("day"), month_first=self.month_first)
        return number, _Line(
            row=record.number,
            kind=kind,
            name=name,
            original=submission[1].upper() == "ORIG",
            number=int(submission[2]),
            approved=status == "approval",
            day=day,
            classification=record.text("classification"),
            substances=substances,
            company=record.text("company"),
            payload=record.payload(),
            notes=(problem,) if problem else (),
        )


def read(tables: Sequence[Table]) -> Snapshot | None:
    """The snapshot, or None when these tables are not the FDA's list."""
    found = find(tables, _LAYOUT)
    if found is None:
        return None
    reading = _Reading(found, month_first=_month_first(found))
    for record in found.records():
        reading.take(record)
    total = sum(map(len, reading.lines.values())) + len(reading.rejected)
    if total == 0 and not reading.skipped:
        raise NotUnderstood("This table has a header and no rows.")
    if len(reading.rejected) > max(10, total // 2):
        first = min(reading.rejected)
        raise NotUnderstood(
            f"{len(reading.rejected)} of {total} rows cannot be read; the first is row {first.row}: "
            f"{first.reason}. Nothing was read."
        )
    records = []
    for key, lines in reading.lines.items():
        product = _record(key, lines, frozenset(found.columns), reading.skipped)
        if product is not None:
            records.append(product)
    return Snapshot(
        source=SOURCE,
        layout="monthly approvals",
        snapshot_date=None,
        records=tuple(records),
        rejected=tuple(sorted(reading.rejected)),
        skipped=tuple(sorted(reading.skipped)),
        notes=("A monthly list says nothing about products it does not name.",),
        complete=False,
    )


def take_apart(text: str, substances: Sequence[str] = ()) -> tuple[str, str, str]:
    """Name, application type and number (six digits) out of the glued cell.

    Where somebody squeezed the padding and the name could end in A, the ingredients decide; if they cannot,
    ValueError (reason, column) says so.
    """
    text = text.translate(_SPACES).strip("\r\n\t ")
    if len(text) > MAX_NAME:
        raise ValueError(f"longer than {MAX_NAME} characters", "name")
    if match := _GLUED.match(text):
        return clean(match["name"]), match["kind"].strip(), match["number"].zfill(6)
    match = _SQUEEZED.match(text)
    if match is None:
        raise ValueError("no application type and number behind the name", "name")
    name, kind = match["name"], match["kind"]
    if kind == "ANDA" and text[len(name) : len(name) + 1] != " ":
        # A generic is listed under its ingredients; a name that is neither is a brand ending in A.
        known = {folded(part) for part in substances} | {folded("".join(substances))}
        if any(part and (folded(name).startswith(part) or part.startswith(folded(name))) for part in known):
            return clean(name), kind, match["number"].zfill(6)
        if any(part and part.startswith(folded(name + "A")) for part in known):
            return clean(name + "A"), "NDA", match["number"].zfill(6)
        raise ValueError("name and application type run together and cannot be told apart", "name")
    return clean(name), kind, match["number"].zfill(6)


def _record(
    key: str, lines: list[_Line], columns: frozenset[str], skipped: list[RowProblem]
) -> AuthorisationRecord | None:
    """One record for an application, or None when its lines change nothing; those are listed as skipped."""
    originals = sorted(
        (line for line in lines if line.original), key=lambda line: (not line.approved, line.number)
    )
    efficacy = [line for line in lines if not line.original and line.classification.casefold() == "efficacy"]
    for line in lines:
        if not line.original and line not in efficacy:
            kind = line.classification or "without classification"
            skipped.append(RowProblem(line.row, f"a supplement ({kind}): no change of state"))
    if not originals and not efficacy:
        return None
    chosen = (originals or efficacy)[0]
    for line in (*originals, *efficacy):
        if line is not chosen and line.label == chosen.label and line.payload == chosen.payload:
            skipped.append(RowProblem(line.row, f"the same as row {chosen.row}"))
    names = tuple(dict.fromkeys(line.name for line in (chosen, *originals, *efficacy) if line.name))
    state, day, dates, notes = _state(originals)
    supplements = tuple(sorted({_supplement(line) for line in efficacy}))
    notes += [f"{text}: new or changed indication, to be read by a person" for text in supplements]
    if len({line.kind for line in lines}) > 1:
        notes.append("several application types under one number")
    carried = {"name", "other_names"} | ({"substances", "inn"} if "substances" in columns else set())
    if "company" in columns:
        carried.add("holder")
    return AuthorisationRecord(
        key=key,
        row=chosen.row,
        name=names[0] if names else "",
        other_names=names[1:],
        kind=chosen.kind,
        status_raw=f"{chosen.label}, {'Approval' if chosen.approved else 'Tentative Approval'}",
        state=state,
        effective_on=day,
        inn="; ".join(chosen.substances),
        substances=chosen.substances,
        holder=chosen.company,
        flags=frozenset({"generic"} if chosen.kind == "ANDA" else ()),
        dates=dates,
        supplements=supplements,
        notes=tuple(dict.fromkeys((*chosen.notes, *notes))),
        carried=frozenset(carried | {"supplements", "date:authorised"}),
        payload=chosen.payload,
    )


def _supplement(line: _Line) -> str:
    return f"{line.label} of {line.day.isoformat() if line.day else 'an unknown day'} (Efficacy)"


def _state(originals: list[_Line]) -> tuple[str | None, date | None, dict[str, date], list[str]]:
    """State, its day, all days and notes out of the original submissions, approved ones first."""
    if not originals:
        return None, None, {}, ["a supplement to a product that was authorised before this list"]
    first = originals[0]
    same = {line.day for line in originals if line.approved == first.approved and line.number == first.number}
    day = first.day if len(same) == 1 else None
    notes = [] if len(same) == 1 else ["several days are given for the same submission"]
    if first.approved:
        notes += [] if day else ["authorised without a date"]
        return "AUTHORISED", day, {"authorised": day} if day else {}, notes
    notes.append(
        f"tentative approval of {day.isoformat() if day else 'an unknown day'}: not an authorisation; "
        "the file does not say since when it is in review"
    )
    return "SUBMITTED", None, {"tentative_approval": day} if day else {}, notes


def _month_first(found: Found) -> bool:
    agree, against = order_of_days([record.raw("day") for record in found.records()], month_first=True)
    if against >= 5 and agree == 0:
        return False
    if against >= 5 and against * 5 > agree:
        raise NotUnderstood(
            "Some days of this file are written day first and some month first. Nothing was read."
        )
    return True
