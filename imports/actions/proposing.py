"""From a regulator's record to entries that two people of Regulatory decide on (decision 29)."""

from __future__ import annotations

from datetime import date

from accounts.models import User
from compliance.policy import State
from imports.readers import AuthorisationRecord, proposals_for
from products.actions import propose_entry
from products.models import LifecycleEntry, Product, Use

# Whom one decision of the source concerns. The United Kingdom and Switzerland decide for themselves.
EEA = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
COVERS: dict[str, frozenset[str]] = {"EMA": EEA, "FDA": frozenset({"US"})}
NAMES = {"EMA": "European Medicines Agency, table of medicines", "FDA": "FDA, list of approvals"}


def propose_for(
    product: Product, record: AuthorisationRecord, *, source: str, taken_on: date, by: User
) -> list[LifecycleEntry]:
    """Propose for every use of an adopted product in the source's markets what the record says, and no more.

    A use goes on from where it was last recorded or proposed, so that what somebody entered by hand counts.
    """
    uses = Use.objects.filter(
        indication__product=product, market__code__in=COVERS[source], market__active=True
    )
    return [
        entry
        for use in uses.select_related("market", "indication__product").order_by(
            "market__code", "indication__name", "pk"
        )
        for entry in _for_use(use, record, source=source, taken_on=taken_on, by=by)
    ]


def _for_use(
    use: Use, record: AuthorisationRecord, *, source: str, taken_on: date, by: User
) -> list[LifecycleEntry]:
    evidence = f"{NAMES[source]} of {taken_on:%d %b %Y}, row {record.row}, {record.key}: {record.status_raw}"
    return [
        propose_entry(
            use,
            State(proposal.state),
            effective_at=use.market.start_of(proposal.effective_on) if proposal.effective_on else None,
            evidence=evidence,
            note=proposal.note,
            by=by,
            source=source,
            source_ref=f"{record.key} {taken_on.isoformat()}",
        )
        for proposal in proposals_for(last_state(use), record)
    ]


def last_state(use: Use) -> str | None:
    """The state a use was last recorded or proposed in; None where nothing is known of it yet."""
    entries = list(
        LifecycleEntry.objects.filter(use=use, voids=None, rejected_at=None)
        .exclude(voided_by__countersigned_at__isnull=False)
        .order_by("recorded_at", "pk")
    )
    confirmed = sorted(
        (e for e in entries if e.confirmed_at and e.effective_at),
        key=lambda e: e.effective_at or e.recorded_at,
    )
    waiting = [entry for entry in entries if not entry.confirmed_at]
    if waiting:
        return waiting[-1].state
    return confirmed[-1].state if confirmed else None
