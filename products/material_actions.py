"""What is done with materials, labels and the medical plan: registered, approved by somebody else, taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import now
from accounts.models import Market, User
from compliance import audit
from compliance.policy import Activity, Audience, Deed, MaterialPurpose, Role, Side
from products.models import LabelVersion, Material, MaterialVersion, PlanItem, Use

P = MaterialPurpose
# Who brings which material: nobody promotes from Medical, and nobody else speaks science.
PURPOSES: dict[str, tuple[MaterialPurpose, ...]] = {
    Role.MSL_LEAD: (P.SCIENTIFIC, P.SIUU, P.INTERNAL),
    Role.MEDICAL_INFORMATION: (P.SCIENTIFIC, P.SIUU, P.INTERNAL),
    Role.PRODUCT_MANAGER: (P.PROMOTIONAL,),
    Role.REGULATORY: (P.SAFETY,),
}


@audit.action
def register_material(
    *,
    number: str,
    name: str,
    purpose: MaterialPurpose,
    by: User,
    version: str,
    kept_at: str,
    valid_from: datetime,
    markets: Iterable[Market],
    uses: Iterable[Use],
    audiences: Iterable[Audience],
    roles: Iterable[Role],
    activities: Iterable[Activity],
    languages: Iterable[str] = (),
    valid_to: datetime | None = None,
) -> MaterialVersion:
    """Put a version of a material up for review. A number known on this side gets its next version.

    It lists every use it mentions and whatever it may be used for (R-081). Nobody uses it before somebody
    else has approved it.
    """
    audit.permit(Deed.REGISTER_MATERIAL, on=None, by=by, words=name)
    verb = "was refused to register material"
    if purpose not in PURPOSES.get(by.role, ()):
        audit.refuse("R-082", "purpose_not_yours", verb=verb, on=None, by=by)
    material, created = Material.objects.get_or_create(
        side=str(by.side or Side.NEUTRAL), number=number, defaults={"name": name, "purpose": str(purpose)}
    )
    if not created and (material.purpose != purpose or material.versions.filter(version=version).exists()):
        audit.refuse("R-080", "material_settled", verb=verb, on=material, by=by)
    found = MaterialVersion.objects.create(
        material=material, version=version, kept_at=kept_at, valid_from=valid_from, valid_to=valid_to,
        languages=sorted(languages), audiences=sorted(map(str, audiences)), roles=sorted(map(str, roles)),
        activities=sorted(map(str, activities)), registered_by=by, registered_at=now(),
    )  # fmt: skip
    markets, uses = list(markets), list(uses)
    found.markets.set(markets)
    found.uses.set(uses)
    audit.record(
        "registered material", found, by=by, purpose=str(purpose), number=number, valid_from=valid_from,
        valid_to=valid_to, markets=sorted(market.code for market in markets), uses=sorted(map(str, uses)),
    )  # fmt: skip
    return found


@audit.action
def approve_material(version: MaterialVersion, *, approval: str, by: User) -> MaterialVersion:
    """The reviewers let a version be used; never the person who registered it (R-080)."""
    audit.permit(Deed.APPROVE_MATERIAL, on=version, by=by)
    version, verb = _lock(version.pk), "was refused to approve"
    if version.registered_by_id == by.pk:
        audit.refuse("R-080", "same_registrar", verb=verb, on=version, by=by)
    if version.approved_at or version.recalled_at or version.retired_at:
        audit.refuse("R-080", "material_settled", verb=verb, on=version, by=by)
    if not approval.strip():
        audit.refuse("R-080", "evidence_missing", verb=verb, on=version, by=by)
    version.approved_by, version.approved_at, version.approval = by, now(), approval.strip()
    version.save(update_fields=["approved_by", "approved_at", "approval"])
    audit.record("approved material", version, by=by, approval=version.approval)
    return version


@audit.action
def recall_material(version: MaterialVersion, *, reason: str, by: User) -> MaterialVersion:
    """Take a version back from this instant on: nobody uses it, and who received it is listed (R-084)."""
    audit.permit(Deed.RECALL_MATERIAL, on=version, by=by)
    version, verb = _lock(version.pk), "was refused to recall"
    if version.recalled_at:
        audit.refuse("R-084", "material_settled", verb=verb, on=version, by=by)
    if not reason.strip():
        audit.refuse("R-084", "evidence_missing", verb=verb, on=version, by=by)
    version.recalled_by, version.recalled_at, version.recall_reason = by, now(), reason.strip()
    version.save(update_fields=["recalled_by", "recalled_at", "recall_reason"])
    audit.record("recalled material", version, by=by, reason=version.recall_reason)
    return version


@audit.action
def retire_material(version: MaterialVersion, *, by: User) -> MaterialVersion:
    """End the use of a version from now on, approved or not; what was done with it stays lawful."""
    audit.permit(Deed.REGISTER_MATERIAL, on=version, by=by)
    version, verb = _lock(version.pk), "was refused to retire"
    if str(by.side or Side.NEUTRAL) != version.material.side:
        audit.refuse("R-080", "purpose_not_yours", verb=verb, on=version, by=by)
    if version.retired_at:
        audit.refuse("R-080", "material_settled", verb=verb, on=version, by=by)
    version.retired_by, version.retired_at = by, now()
    version.save(update_fields=["retired_by", "retired_at"])
    audit.record("retired material", version, by=by)
    return version


def _lock(pk: UUID) -> MaterialVersion:
    rows = MaterialVersion.objects.select_for_update(of=("self",), no_key=True).select_related("material")
    return rows.get(pk=pk)


@audit.action
def enter_label(use: Use, *, version: str, effective_at: datetime, evidence: str, by: User) -> LabelVersion:
    """Note from when a version of the label holds. One person may: it opens nothing.

    From that instant training on an older label no longer counts (R-072), and materials that mention the
    use are in quarantine until they are reviewed anew (R-083).
    """
    audit.permit(Deed.ENTER_LABEL, on=use, by=by)
    verb = "was refused to enter a label of"
    if not evidence.strip():
        audit.refuse("R-083", "evidence_missing", verb=verb, on=use, by=by)
    Use.objects.select_for_update(no_key=True).get(pk=use.pk)
    if LabelVersion.objects.filter(use=use, effective_at__gte=effective_at).exists():
        audit.refuse("R-083", "before_the_last_label", verb=verb, on=use, by=by)
    label = LabelVersion.objects.create(
        use=use,
        version=version,
        effective_at=effective_at,
        evidence=evidence,
        recorded_by=by,
        recorded_at=now(),
    )
    audit.record(
        "entered a label of", use, by=by, market=use.market.code, version=version, effective_at=effective_at,
        evidence=evidence,
    )  # fmt: skip
    return label


@audit.action
def approve_plan_item(
    use: Use, *, reference: str, purpose: str, from_: datetime, until: datetime, by: User
) -> PlanItem:
    """Let Medical raise a use in scientific exchange, for a purpose and a time (R-020). Never backwards."""
    audit.permit(Deed.APPROVE_PLAN_ITEM, on=use, by=by)
    verb = "was refused to approve a plan for"
    if use.market_id not in by.market_ids:
        audit.refuse("R-020", "not_in_your_market", verb=verb, on=use, by=by)
    if from_ < now():
        audit.refuse("R-020", "plan_in_the_past", verb=verb, on=use, by=by)
    item = PlanItem.objects.create(
        use=use, reference=reference, purpose=purpose, approved_by=by, during=DateTimeTZRange(from_, until)
    )
    audit.record(
        "approved a plan for", use, by=by, market=use.market.code, reference=reference, at=from_, until=until
    )
    return item


@audit.action
def end_plan_item(item: PlanItem, *, by: User) -> PlanItem:
    """End a plan item now; what rested on it stays as it was judged. One that has not begun is left empty."""
    audit.permit(Deed.APPROVE_PLAN_ITEM, on=item.use, by=by)
    item = (
        PlanItem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("use__market")
        .get(pk=item.pk)
    )
    verb = "was refused to end a plan for"
    if item.use.market_id not in by.market_ids:
        audit.refuse("R-020", "not_in_your_market", verb=verb, on=item.use, by=by)
    if (item.during.upper is not None and item.during.upper <= now()) or item.during.lower >= now():
        audit.refuse("R-020", "plan_in_the_past", verb=verb, on=item.use, by=by)
    item.during = DateTimeTZRange(item.during.lower, now())
    item.save(update_fields=["during"])
    audit.record("ended a plan for", item.use, by=by, market=item.use.market.code, reference=item.reference)
    return item
