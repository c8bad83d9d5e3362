"""What Regulatory does to the catalogue and to the lifecycle of a use.

An entry is confirmed through `handovers.actions.enact_entry` alone, which reverses in the same transaction
what the new state makes unlawful (decision 24).
"""

from __future__ import annotations

from datetime import date, datetime

from accounts.acting import now
from accounts.models import Market, User
from compliance import audit
from compliance.policy import Deed, State, may_follow
from products.launch import demanded
from products.models import Indication, LifecycleEntry, Period, Product, TherapeuticArea, Use


@audit.action
def register_product(
    *,
    by: User,
    inn: str = "",
    brand: str = "",
    code_names: list[str] | None = None,
    atc: str = "",
    holder: str = "",
) -> Product:
    """Take a product into our catalogue. It needs one name at least."""
    audit.permit(Deed.REGISTER_PRODUCT, on=None, by=by, words=brand or inn)
    product = Product.objects.create(
        inn=inn, brand=brand, code_names=code_names or [], atc=atc, holder=holder, created_at=now()
    )
    audit.record("registered", product, by=by)
    return product


@audit.action
def add_indication(
    product: Product,
    *,
    name: str,
    label: str,
    by: User,
    area: TherapeuticArea | None = None,
    provisional: bool = False,
) -> Indication:
    """Add a label scope to a product, in the wording of the label (R-001)."""
    audit.permit(Deed.REGISTER_PRODUCT, on=product, by=by)
    indication = Indication.objects.create(
        product=product, name=name, label=label, area=area, provisional=provisional
    )
    audit.record("added indication", indication, by=by)
    return indication


@audit.action
def add_use(indication: Indication, market: Market, *, by: User) -> Use:
    """Follow an indication in one more market. Its lifecycle begins with the first confirmed entry."""
    audit.permit(Deed.REGISTER_PRODUCT, on=indication, by=by)
    use, created = Use.objects.get_or_create(
        indication=indication, market=market, defaults={"created_at": now()}
    )
    if created:
        audit.record("added use", use, by=by, market=market.code)
    return use


@audit.action
def expect_decision(use: Use, *, on: date | None, source: str, by: User) -> Use:
    """Note when a decision is expected. It changes no zone and opens nothing (R-009)."""
    audit.permit(Deed.PROPOSE_ENTRY, on=use, by=by)
    use.expected_on, use.expected_source = on, source
    use.save(update_fields=["expected_on", "expected_source"])
    audit.record("noted expected decision", use, by=by, market=use.market.code, expected_on=on, source=source)
    return use


@audit.action
def propose_entry(
    use: Use,
    state: State,
    *,
    effective_at: datetime | None,
    evidence: str,
    by: User,
    promotable_from: datetime | None = None,
    note: str = "",
    source: str = "",
    source_ref: str = "",
) -> LifecycleEntry:
    """Propose that a use is in a state from an instant on. Nothing changes before a second person confirms (R-007).

    An import may leave the instant open; then whoever confirms has to give it. The same source, reference and
    state are proposed once: a repetition returns the first entry.
    """
    audit.permit(Deed.PROPOSE_ENTRY, on=use, by=by)
    if not evidence.strip():
        audit.refuse("R-007", "evidence_missing", verb="was refused to propose", on=use, by=by)
    if source_ref:
        found = LifecycleEntry.objects.filter(
            use=use, source=source, source_ref=source_ref, state=state
        ).first()
        if found is not None:
            return found
    entry = LifecycleEntry.objects.create(
        use=use,
        state=state,
        effective_at=effective_at,
        promotable_from=promotable_from,
        evidence=evidence,
        note=note,
        source=source,
        source_ref=source_ref,
        proposed_by=by,
        recorded_at=now(),
    )
    audit.record(
        "proposed", entry, by=by, market=use.market.code, effective_at=effective_at, evidence=evidence
    )
    return entry


def lock(entry: LifecycleEntry) -> LifecycleEntry:
    """The entry as it stands, behind the lock of its use (decision 25)."""
    Use.objects.select_for_update(no_key=True).get(pk=entry.use_id)
    return LifecycleEntry.objects.select_related("use__market", "use__indication__product", "voids").get(
        pk=entry.pk
    )


@audit.action
def confirm_entry(entry: LifecycleEntry, *, by: User, effective_at: datetime | None = None) -> LifecycleEntry:
    """Confirm a proposal as the second regulatory person. Called by `handovers.actions.enact_entry` alone."""
    audit.permit(Deed.CONFIRM_ENTRY, on=entry, by=by)
    entry = lock(entry)
    verb = "was refused to confirm"
    if entry.proposed_by_id == by.pk:
        audit.refuse("R-007", "same_regulatory_person", verb=verb, on=entry, by=by)
    if entry.confirmed_at or entry.rejected_at:
        audit.refuse("R-007", "entry_settled", verb=verb, on=entry, by=by)
    if entry.voids_id is None:
        entry.effective_at = entry.effective_at or effective_at
        if entry.effective_at is None:
            audit.refuse("R-007", "entry_needs_date", verb=verb, on=entry, by=by)
        _check_order(entry, entry.effective_at, by)
        entry.needs_release = demanded(entry.state, entry.use.market, entry.effective_at)
    entry.confirmed_by, entry.confirmed_at = by, now()
    entry.save(update_fields=["effective_at", "needs_release", "confirmed_by", "confirmed_at"])
    audit.record(
        "confirmed",
        entry,
        by=by,
        market=entry.use.market.code,
        effective_at=entry.effective_at,
        evidence=entry.evidence,
    )
    return entry


def _check_order(entry: LifecycleEntry, effective_at: datetime, by: User) -> None:
    """The states of a use follow one another as the rulebook allows; the database repeats it (I-08)."""
    periods = list(Period.objects.filter(use=entry.use_id).order_by("effective_at"))
    before = [period for period in periods if period.effective_at <= effective_at]
    after = [period for period in periods if period.effective_at > effective_at]
    pairs = [(before[-1].state, entry.state)] if before else []
    pairs += [(entry.state, after[0].state)] if after else []
    for first, second in pairs:
        if not may_follow(first, second):
            audit.refuse("R-007", "state_may_not_follow", verb="was refused to confirm", on=entry, by=by,
                         before=_said(first), after=_said(second))  # fmt: skip
    if before and before[-1].effective_at == effective_at:
        audit.refuse("R-007", "entry_settled", verb="was refused to confirm", on=entry, by=by)


def _said(state: str) -> str:
    return state.replace("_", " ").lower()


@audit.action
def reject_entry(entry: LifecycleEntry, *, reason: str, by: User) -> LifecycleEntry:
    """Set a proposal aside, with a reason. It stays visible."""
    audit.permit(Deed.CONFIRM_ENTRY, on=entry, by=by)
    entry = lock(entry)
    if entry.confirmed_at or entry.rejected_at:
        audit.refuse("R-007", "entry_settled", verb="was refused to reject", on=entry, by=by)
    entry.rejected_by, entry.rejected_at, entry.rejection = by, now(), reason[:300]
    entry.save(update_fields=["rejected_by", "rejected_at", "rejection"])
    audit.record("rejected", entry, by=by, market=entry.use.market.code, reason=reason)
    return entry


@audit.action
def void_entry(entry: LifecycleEntry, *, evidence: str, by: User) -> LifecycleEntry:
    """Propose that a confirmed entry was a mistake, by an entry of its own (R-012).

    It takes effect when a second regulatory person has confirmed and Compliance has countersigned it.
    """
    audit.permit(Deed.VOID_ENTRY, on=entry, by=by)
    entry = lock(entry)
    if not entry.confirmed_at or entry.voids_id:
        audit.refuse("R-012", "entry_not_confirmed", verb="was refused to void", on=entry, by=by)
    if not evidence.strip():
        audit.refuse("R-012", "evidence_missing", verb="was refused to void", on=entry, by=by)
    if entry.voided_by.filter(rejected_at=None).exists():
        audit.refuse("R-012", "entry_settled", verb="was refused to void", on=entry, by=by)
    voiding = LifecycleEntry.objects.create(
        use=entry.use, voids=entry, evidence=evidence, proposed_by=by, recorded_at=now()
    )
    audit.record(
        "proposed to void", entry, by=by, market=entry.use.market.code, evidence=evidence, voiding=voiding.pk
    )
    return voiding


@audit.action
def countersign_void(voiding: LifecycleEntry, *, by: User) -> LifecycleEntry:
    """Compliance's signature under a confirmed voiding. Called by `handovers.actions` alone."""
    audit.permit(Deed.COUNTERSIGN_VOID, on=voiding, by=by)
    voiding = lock(voiding)
    if (
        voiding.voids_id is None
        or not voiding.confirmed_at
        or voiding.countersigned_at
        or voiding.rejected_at
    ):
        audit.refuse("R-012", "entry_settled", verb="was refused to countersign", on=voiding, by=by)
    voiding.countersigned_by, voiding.countersigned_at = by, now()
    voiding.save(update_fields=["countersigned_by", "countersigned_at"])
    audit.record(
        "countersigned the voiding of",
        voiding.voids,
        by=by,
        market=voiding.use.market.code,
        voiding=voiding.pk,
    )
    return voiding
