"""Consents, objections, and the notice of Article 14: each side writes down what it was told itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.acting import now
from accounts.models import Market, User
from compliance import audit
from compliance.policy import Channel, Deed
from kols.models import KOL, PURPOSE_OF, Consent, Objection, PrivacyNotice


@audit.action
def record_consent(
    kol: KOL,
    *,
    by: User,
    channel: Channel | str,
    market: Market,
    given_at: datetime,
    text_version: str,
    source: str,
    evidence: str,
) -> Consent:
    """Keep what an expert has agreed to: on this channel, in this market, for the purpose of the own side (R-090).

    One that already stands for it is withdrawn by the new one, so that the text in force is one.
    """
    audit.permit(Deed.KEEP_CONSENT, on=kol, by=by)
    _in_the_past(given_at, kol, by)
    KOL.objects.select_for_update(no_key=True).get(pk=kol.pk)
    purpose = PURPOSE_OF[by.side]
    standing = Consent.objects.visible_to(by).standing()
    for before in standing.filter(kol=kol, purpose=purpose, channel=str(channel), market=market):
        _withdraw(before, by=by, at=max(given_at, before.given_at), how="replaced by a newer consent")
    consent = Consent.objects.create(
        kol=kol, side=str(by.side), purpose=purpose, channel=str(channel), market=market, given_at=given_at,
        text_version=text_version, source=source, evidence=evidence, recorded_by=by, recorded_at=now(),
    )  # fmt: skip
    audit.record(
        "recorded a consent of", kol, by=by, market=market.code, channel=str(channel), purpose=str(purpose),
        given_at=given_at, text=text_version,
    )  # fmt: skip
    return consent


@audit.action
def withdraw_consent(consent: UUID, *, by: User, how: str) -> Consent:
    """An expert takes a consent back. It ends at once; what it was stays (R-090)."""
    row = (
        Consent.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("kol", "market")
        .get(pk=consent)
    )
    audit.permit(Deed.KEEP_CONSENT, on=row.kol, by=by)
    if row.withdrawn_at is None:
        _withdraw(row, by=by, at=now(), how=how)
    return row


def _withdraw(row: Consent, *, by: User, at: datetime, how: str) -> None:
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_how = at, by, how[:300]
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_how"])
    audit.record(
        "noted a withdrawal by", row.kol, by=by, market=row.market.code, channel=row.channel,
        purpose=row.purpose,
    )  # fmt: skip


@audit.action
def record_objection(kol: KOL, *, by: User, kind: str, since: datetime, evidence: str) -> Objection:
    """Keep that an expert does not want marketing, scientific contact, or any contact (R-093, R-094).

    The database sets the bit of the directory; nothing else of it is shared.
    """
    audit.permit(Deed.KEEP_CONSENT, on=kol, by=by)
    _in_the_past(since, kol, by)
    objection = Objection.objects.create(
        kol=kol, side=str(by.side), kind=kind, since=since, evidence=evidence, recorded_by=by,
        recorded_at=now(),
    )  # fmt: skip
    audit.record("recorded an objection of", kol, by=by, kind=kind, since=since)
    return objection


@audit.action
def lift_objection(objection: UUID, *, by: User, how: str) -> Objection:
    """An expert takes an objection back, as the side was told that recorded it."""
    row = (
        Objection.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("kol")
        .get(pk=objection)
    )
    audit.permit(Deed.KEEP_CONSENT, on=row.kol, by=by)
    if row.lifted_at is None:
        row.lifted_at, row.lifted_by, row.lifted_how = now(), by, how[:300]
        row.save(update_fields=["lifted_at", "lifted_by", "lifted_how"])
        audit.record("noted that an objection was taken back by", row.kol, by=by, kind=row.kind)
    return row


@audit.action
def record_privacy_notice(
    kol: KOL, *, by: User, given_at: datetime, text_version: str, how: str
) -> PrivacyNotice:
    """Keep that an expert was told which data of hers are kept (Article 14, R-095)."""
    audit.permit(Deed.KEEP_CONSENT, on=kol, by=by)
    _in_the_past(given_at, kol, by)
    notice = PrivacyNotice.objects.create(
        kol=kol, side=str(by.side), given_at=given_at, text_version=text_version, how=how, recorded_by=by,
        recorded_at=now(),
    )  # fmt: skip
    audit.record("recorded the privacy notice to", kol, by=by, given_at=given_at, text=text_version)
    return notice


def _in_the_past(at: datetime, kol: KOL, by: User) -> None:
    if at > now():
        audit.refuse("R-066", "future_start", verb="was refused to record of", on=kol, by=by)
