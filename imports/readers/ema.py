"""The European Medicines Agency's table of medicines, in the layout in use and in the one used until 2023.

Columns are found by title, in any order. Status decides the state, never the presence of a date: an
authorisation date stays filled long after the authorisation has ended.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from .tabular import MAX_NAME, Found, Layout, Record, Table, find
from .text import clean, folded, order_of_days, parse_day, split_list
from .words import AuthorisationRecord, NotUnderstood, RowProblem, Snapshot

SOURCE = "EMA"

_DATES = {
    "authorised": (
        "marketing authorisation date",
        "marketing authorization date",
        "date of marketing authorisation",
    ),
    "refused": ("refusal of marketing authorisation date", "date of refusal of marketing authorisation"),
    "application_withdrawn": ("withdrawal of application date", "date of withdrawal of application"),
    "ended": (
        "withdrawal expiry revocation lapse of marketing authorisation date",
        "withdrawal of marketing authorisation date",
        "date of withdrawal expiry revocation lapse of marketing authorisation",
    ),
    "suspended": (
        "suspension of marketing authorisation date",
        "date of suspension of marketing authorisation",
    ),
    "evaluation_started": ("start of evaluation date",),
    "rolling_review_started": ("start of rolling review date",),
    "opinion": ("opinion adopted date", "date of opinion", "opinion date"),
    "decision": ("european commission decision date", "decision date"),
    "first_published": ("first published date", "first published"),
    "last_updated": ("last updated date", "revision date", "last updated"),
}
# The dates that carry a meaning for the lifecycle; the others change with every revision of a leaflet.
_COMPARED_DATES = ("authorised", "refused", "application_withdrawn", "ended", "suspended")
_FLAGS = {
    "conditional": ("conditional approval", "conditional marketing authorisation"),
    "exceptional": ("exceptional circumstances",),
    "accelerated": ("accelerated assessment",),
    "orphan": ("orphan medicine", "orphan"),
    "biosimilar": ("biosimilar",),
    # Two titles, two meanings: the old column said nothing about hybrids.
    "generic_or_hybrid": ("generic or hybrid",),
    "generic": ("generic",),
    "hybrid": ("hybrid",),
    "additional_monitoring": ("additional monitoring",),
    "advanced_therapy": ("advanced therapy",),
    "prime": ("prime priority medicine", "prime"),
}
_LAYOUT = Layout(
    titles={
        "category": ("category",),
        "name": ("name of medicine", "medicine name"),
        "key": ("ema product number", "product number", "agency product number"),
        "status": ("medicine status", "authorisation status", "authorization status"),
        "opinion": ("opinion status",),
        "inn": (
            "international non proprietary name inn common name",
            "international non proprietary name common name",
            "international non proprietary name",
            "inn",
        ),
        "substances": ("active substance", "active substances"),
        "therapeutic_areas": ("therapeutic area mesh", "therapeutic area"),
        "atc": ("atc code human", "atc code"),
        "indication": ("therapeutic indication", "condition indication"),
        "holder": (
            "marketing authorisation developer applicant holder",
            "marketing authorisation holder company name",
            "marketing authorisation holder",
        ),
        **{f"flag:{name}": titles for name, titles in _FLAGS.items()},
        **{f"date:{name}": titles for name, titles in _DATES.items()},
    },
    required=frozenset({"name", "key", "status", "date:authorised"}),
    single=True,
)
_STATES = {
    "authorised": "AUTHORISED",
    "authorized": "AUTHORISED",
    "refused": "REFUSED",
    "application withdrawn": "APPL_WITHDRAWN",
    "withdrawn application": "APPL_WITHDRAWN",
    "withdrawn from rolling review": "APPL_WITHDRAWN",
    "suspended": "SUSPENDED",
    "withdrawn": "WITHDRAWN",
    "lapsed": "WITHDRAWN",
    "expired": "WITHDRAWN",
    "revoked": "WITHDRAWN",
    "not renewed": "WITHDRAWN",
    "opinion": "SUBMITTED",
    "opinion under re-examination": "SUBMITTED",
    "under evaluation": "SUBMITTED",
}
_STATE_BEGAN = {
    "AUTHORISED": "authorised",
    "CONDITIONAL": "authorised",
    "REFUSED": "refused",
    "APPL_WITHDRAWN": "application_withdrawn",
    "SUSPENDED": "suspended",
    "WITHDRAWN": "ended",
    "SUBMITTED": "evaluation_started",
}
_PREVIOUSLY = re.compile(
    r"\(\s*(?:previously|formerly)(?:\s+(?:known|authorised|named)\s+as)?\s*:?\s*(.+?)\s*\)?\s*$", re.I
)
_KEY = re.compile(r"[A-Z0-9][A-Z0-9/_.\- ]{2,59}", re.I)
_MADE_ON = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2} [A-Za-z]{3,9} \d{4}")


def read(tables: Sequence[Table]) -> Snapshot | None:
    """The snapshot, or None when these tables are not the agency's. Spoilt ones raise NotUnderstood."""
    found = find(tables, _LAYOUT)
    if found is None:
        return None
    month_first, notes = _order_of_days(found)
    reading = _Reading(found, month_first=month_first)
    for record in found.records():
        reading.take(record)
    reading.check()
    made_on = _made_on(found)
    if made_on is None:
        notes.append("The file does not say when it was made.")
    layout = "current" if "medicine status" in found.title("status").casefold() else "until 2023"
    return Snapshot(
        source=SOURCE,
        layout=layout,
        snapshot_date=made_on,
        records=tuple(reading.records.values()),
        rejected=tuple(sorted(reading.rejected)),
        skipped=tuple(sorted(reading.skipped)),
        notes=tuple(notes),
        unread_keys=frozenset(reading.unread_keys),
    )


class _Reading:
    def __init__(self, found: Found, *, month_first: bool) -> None:
        self._found, self._month_first = found, month_first
        carried = set(found.columns) - {"category", "key", "status"}
        dates = {f"date:{name}" for name in _COMPARED_DATES}
        self._carried = frozenset(name for name in carried if not name.startswith("date:") or name in dates)
        self.records: dict[str, AuthorisationRecord] = {}
        self.rejected: list[RowProblem] = []
        self.skipped: list[RowProblem] = []
        self.unread_keys: set[str] = set()
        self._strange = 0

    def take(self, record: Record) -> None:
        if len(record.row.cells) == 1:
            self.skipped.append(RowProblem(record.number, "a remark, not a line of the table"))
        elif record.is_header_again():
            self.skipped.append(RowProblem(record.number, "the header again"))
        elif _is_veterinary(record):
            self.skipped.append(RowProblem(record.number, "a veterinary medicine"))
        elif (problem := self._problem(record)) is not None:
            self.rejected.append(problem)
            self._forget(record.text("key").upper())
        else:
            self._keep(self._read(record))

    def _problem(self, record: Record) -> RowProblem | None:
        if flaw := record.flaw():
            return RowProblem(record.number, flaw[1], flaw[0])
        category = record.text("category").casefold()
        if category not in ("human", ""):
            return RowProblem(
                record.number, f"unknown category “{category[:40]}”", self._found.title("category")
            )
        if not record.text("name"):
            return RowProblem(record.number, "no name", self._found.title("name"))
        if len(record.text("name")) > MAX_NAME:
            return RowProblem(record.number, f"longer than {MAX_NAME} characters", self._found.title("name"))
        if not record.text("key"):
            return RowProblem(record.number, "no product number", self._found.title("key"))
        if not _KEY.fullmatch(record.text("key")) or not any(
            letter.isdigit() for letter in record.text("key")
        ):
            return RowProblem(record.number, "this is not a product number", self._found.title("key"))
        return None

    def _read(self, record: Record) -> AuthorisationRecord:
        notes: list[str] = []
        dates: dict[str, date] = {}
        for name in _DATES:
            day, problem = parse_day(record.raw(f"date:{name}"), month_first=self._month_first)
            if day:
                dates[name] = day
            elif problem:
                notes.append(f"{self._found.title(f'date:{name}')}: {problem}")
        flags = frozenset(
            name for name in _FLAGS if record.text(f"flag:{name}").casefold() in ("yes", "true", "1")
        )
        status = record.text("status")
        state = _state(status, flags)
        self._strange += state is None and bool(status)
        name, previous = names_in(record.text("name"))
        kept = AuthorisationRecord(
            key=record.text("key").upper(),
            row=record.number,
            name=name,
            previous_names=previous,
            status_raw=status,
            state=state,
            effective_on=dates.get(_STATE_BEGAN[state]) if state else None,
            kind="centralised",
            inn=record.text("inn").strip(" ,;"),
            substances=split_list(record.raw("substances")),
            atc=record.text("atc").strip(" ,;").upper(),
            holder=record.text("holder").strip(" ,;"),
            therapeutic_areas=split_list(record.raw("therapeutic_areas")),
            indication=record.lines("indication"),
            opinion=record.text("opinion").capitalize(),
            flags=flags,
            dates=dates,
            carried=self._carried,
            payload=record.payload(),
        )
        return replace(kept, notes=(*notes, *_notes_on(kept)))

    def _keep(self, record: AuthorisationRecord) -> None:
        known = self.records.get(record.key)
        if record.key in self.unread_keys:
            reason = f"another row under the product number {record.key} could not be read"
            self.rejected.append(RowProblem(record.row, reason))
        elif known is None:
            self.records[record.key] = record
        elif known.payload == record.payload:
            self.skipped.append(RowProblem(record.row, f"the same as row {known.row}"))
        else:
            # Two lines that disagree: neither is believed, or the outcome would hang on their order.
            del self.records[record.key]
            self.unread_keys.add(record.key)
            for row, other in ((known.row, record.row), (record.row, known.row)):
                self.rejected.append(
                    RowProblem(row, f"row {other} says something else under the same product number")
                )

    def _forget(self, key: str) -> None:
        """Once a row of a product cannot be read, its other rows are not believed either."""
        if key:
            self.unread_keys.add(key)
        if (known := self.records.pop(key, None)) is not None:
            self.rejected.append(
                RowProblem(known.row, f"another row under the product number {key} cannot be read")
            )

    def check(self) -> None:
        """Refuse a table whose columns do not hold what their titles say."""
        total = len(self.records) + len(self.rejected)
        if total == 0 and not self.skipped:
            raise NotUnderstood("This table has a header and no rows.")
        if self._strange > max(3, len(self.records) // 2):
            raise NotUnderstood(
                f"Most entries of the column “{self._found.title('status')}” are no known status. "
                "Nothing was read."
            )
        if len(self.rejected) > max(10, total * 3 // 4):
            raise NotUnderstood(
                f"{len(self.rejected)} of {total} rows cannot be read; the first is "
                f"row {self.rejected[0].row}: {self.rejected[0].reason}. Nothing was read."
            )


def names_in(text: str) -> tuple[str, tuple[str, ...]]:
    """The name, and the names it had before, which stand behind it in brackets."""
    match = _PREVIOUSLY.search(text)
    if match is None or not text[: match.start()].strip():
        return text, ()
    return text[: match.start()].strip(), (match[1].strip(),)


def _state(status: str, flags: frozenset[str]) -> str | None:
    state = _STATES.get(" ".join(status.casefold().split()))
    if state == "AUTHORISED" and flags & {"conditional", "exceptional"}:
        return "CONDITIONAL"
    return state


def _is_veterinary(record: Record) -> bool:
    category = record.text("category").casefold()
    return category.startswith("vet") or (not category and "/V/" in record.text("key").upper())


def _notes_on(record: AuthorisationRecord) -> list[str]:
    """What a regulatory person should look at before confirming."""
    notes: list[str] = []
    status = folded(record.status_raw)
    if record.state is None:
        notes.append(f"unknown status “{record.status_raw[:60]}”" if record.status_raw else "no status")
    elif record.effective_on is None and record.state in ("AUTHORISED", "CONDITIONAL"):
        notes.append("authorised without a date")
    elif record.effective_on is None:
        notes.append("the file does not say since when")
    if status == folded("Opinion") and record.opinion == "Negative":
        notes.append("negative opinion: the decision is outstanding")
    elif status == folded("Opinion under re-examination"):
        notes.append("negative opinion under re-examination")
    elif status == folded("Opinion") and record.opinion != "Positive" and "opinion" in record.carried:
        notes.append("the opinion is neither positive nor negative")
    if record.state in ("AUTHORISED", "CONDITIONAL"):
        if "refused" in record.dates:
            notes.append(f"first refused on {record.dates['refused'].isoformat()}")
        if "ended" in record.dates:
            notes.append(f"authorised although an end is given: {record.dates['ended'].isoformat()}")
    if record.state in ("APPL_WITHDRAWN", "SUBMITTED") and "authorised" in record.dates:
        notes.append(f"not authorised although a date is given: {record.dates['authorised'].isoformat()}")
    if record.state == "WITHDRAWN" and status != folded("Withdrawn"):
        notes.append(record.status_raw.casefold())
    return notes


def _order_of_days(found: Found) -> tuple[bool, list[str]]:
    """Whether the file writes the month first. The agency never does; a copy saved elsewhere may."""
    columns = [name for name in found.columns if name.startswith("date:")]
    agree, against = order_of_days(
        [record.raw(name) for record in found.records() for name in columns], month_first=False
    )
    if against >= 5 and agree == 0:
        return True, ["The days of this file are written with the month first."]
    if against >= 5 and against * 5 > agree:
        raise NotUnderstood(
            "Some days of this file are written day first and some month first. Nothing was read."
        )
    return False, []


def _made_on(found: Found) -> date | None:
    """The day the agency's own text above the table gives."""
    lines = [list(row.cells.values()) for row in found.above]
    told = [cells for cells in lines if any("generated" in clean(cell).casefold() for cell in cells)]
    for cells in told or lines:
        for cell in cells:
            if isinstance(cell, datetime):
                return parse_day(cell)[0]
            match = _MADE_ON.search(clean(cell)) if isinstance(cell, str) else None
            if match and (day := parse_day(match[0])[0]):
                return day
    return None
