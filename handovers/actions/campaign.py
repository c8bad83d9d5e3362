"""The campaign release.

The MSL lead signs once, and what is accepted without a flag needs no further hand.
"""

from __future__ import annotations

from accounts.acting import now
from accounts.models import User
from compliance import audit
from compliance.policy import Deed, HandoverState
from handovers.actions._step import WITH_ALL, Signature, lock_use, product_acts, step_action
from handovers.actions.steps import approve_by_release
from handovers.dossier import manifest_of
from handovers.models import Campaign, Handover


@step_action
def release_campaign(campaign: Campaign, *, by: User, signature: Signature | None) -> Campaign:
    """Sign the release of a campaign (decision 28). Signed again, by whomever, the first signature stands.

    Accepted items without a flag are approved from now on; approver, preparer and recipient stay three
    people, so what the releasing lead prepared herself waits for another lead.
    """
    verb = "was refused to release campaign"
    audit.permit(Deed.RELEASE_CAMPAIGN, on=campaign, by=by)
    if not Campaign.objects.visible_to(by).filter(pk=campaign.pk).exists():
        audit.refuse("R-048", "not_yours", verb=verb, on=None, by=by)
    if signature is None:
        audit.refuse("T-05", "signature_missing", verb=verb, on=campaign, by=by, step="release")
    with product_acts("release campaign", by):
        lock_use(campaign.use_id)
        campaign = (
            Campaign.objects.select_for_update(no_key=True, of=("self",))
            .select_related("market")
            .get(pk=campaign.pk)
        )
        if campaign.released_at is None:
            items = Handover.objects.filter(campaign=campaign)
            campaign.released_by, campaign.released_at = by, now()
            signed = items.values_list("pk", "version", "package_hash")
            campaign.release_hash = manifest_of([(campaign.pk, 0, str(campaign.opened_by_entry)), *signed])
            campaign.save(update_fields=["released_by", "released_at", "release_hash"])
            audit.record(
                "released campaign", campaign, by=by, market=campaign.market.code, hash=campaign.release_hash
            )
            accepted = items.select_for_update(no_key=True, of=("self",)).select_related(*WITH_ALL)
            for handover in accepted.filter(state=HandoverState.ACCEPTED).order_by("relation_id"):
                approve_by_release(handover)
    return campaign
