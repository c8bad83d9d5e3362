"""Comparing the reports of a month with the cases pharmacovigilance has of them, and signing the result (R-131)."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from accounts.acting import now
from accounts.models import Market, User
from compliance import audit
from compliance.policy import Deed, Side
from compliance.signing import Meaning, Proof, Statement, sign
from safety.models import Route, SafetyReport
from safety.reconciliation import Reconciliation

HEADS = ("case", "case id", "case_id", "case number", "case_number", "safetyreportid", "fallnummer", "fall")
LONGEST = 20_000


def cases_in(content: bytes) -> list[str]:
    """The case numbers of a CSV: its column of that name, else the first one. Each once, in order."""
    text = content.decode("utf-8-sig", errors="replace").replace("\x00", "")
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:2000], delimiters=",;\t")
    except csv.Error:
        dialect = "excel"
    rows = [row for row in csv.reader(io.StringIO(text), dialect) if any(cell.strip() for cell in row)]
    if not rows:
        return []
    heads = [cell.strip().casefold() for cell in rows[0]]
    column = next((place for place, head in enumerate(heads) if head in HEADS), None)
    body = rows[1:] if column is not None else rows
    cells = (row[column or 0].strip()[:60] for row in body[:LONGEST] if len(row) > (column or 0))
    return list(dict.fromkeys(cell for cell in cells if cell))


@audit.action
def reconcile(*, by: User, month: date, market: Market | None, content: bytes) -> Reconciliation:
    """Compare: what both have, what is only here (also what nobody has acknowledged), what is only there."""
    audit.permit(Deed.RECONCILE_SAFETY, on=market, by=by)
    theirs = cases_in(content)
    wanted = {case.casefold(): case for case in theirs}
    ours = list(_reports(month, market))
    here = {report.case_id.casefold() for report in ours if report.case_id}
    found = Reconciliation.objects.create(
        market=market, month=month.replace(day=1), compared_by=by, compared_at=now(),
        file_sha256=sha256(content).hexdigest(),
        matched=[[one.number, one.case_id] for one in ours if one.case_id and one.case_id.casefold() in wanted],
        only_here=[[one.number, one.case_id] for one in ours if one.case_id.casefold() not in wanted],
        only_there=[case for key, case in wanted.items() if key not in here],
    )  # fmt: skip
    audit.record("compared the lists of side effects", found, by=by, market=market.code if market else "",
                 matched=len(found.matched), only_here=len(found.only_here), only_there=len(found.only_there))  # fmt: skip
    return found


@audit.action
def sign_reconciliation(found: Reconciliation, *, by: User, proof: Proof, remark: str = "") -> Reconciliation:
    """Sign the result; where the lists differ, with what follows from it. From then on nothing of it changes."""
    audit.permit(Deed.RECONCILE_SAFETY, on=found, by=by)
    row = Reconciliation.objects.select_for_update(of=("self",), no_key=True).select_related("market").get(
        pk=found.pk
    )  # fmt: skip
    if row.signed_at is not None:
        audit.refuse("R-131", "no_such_step", verb="signed", on=row, by=by, step="signed")
    row.remark = remark.strip()[:1000]
    if (row.only_here or row.only_there) and not row.remark:
        audit.refuse("R-131", "difference_unexplained", verb="was refused to sign", on=row, by=by)
    sign([statement_of(row)], by=by, meaning=Meaning.REVIEWED, proof=proof)
    row.signed_by, row.signed_at = by, now()
    row.save(update_fields=["remark", "signed_by", "signed_at"])
    return row


def statement_of(row: Reconciliation) -> Statement:
    """What is put before the signer: month, market, the file's hash, and the three lists."""
    fields = {
        "month": row.month, "market": row.market.code if row.market else None, "file_sha256": row.file_sha256,
        "compared_at": row.compared_at, "matched": row.matched, "only_here": row.only_here,
        "only_there": row.only_there, "remark": row.remark,
    }  # fmt: skip
    return Statement(row, 1, fields, Side.SAFETY)


def _reports(month: date, market: Market | None) -> list[SafetyReport]:
    """What was reported to our desks in a month, by the clock of the market."""
    zone = market.tz if market is not None else ZoneInfo("UTC")
    first = datetime(month.year, month.month, 1, tzinfo=zone)
    following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    rows = SafetyReport.objects.filter(
        recorded_at__gte=first.astimezone(UTC), recorded_at__lt=following.astimezone(UTC)
    )
    rows = rows.exclude(route=Route.OTHER_COMPANY).order_by("recorded_at", "id")
    return list(rows.filter(market=market) if market is not None else rows)
