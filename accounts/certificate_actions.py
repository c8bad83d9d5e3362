"""Who is trained and qualified, as her lead or Compliance writes it down, and the reminder before it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from accounts.acting import acting_as, now, system
from accounts.models import Certificate, Market, User
from accounts.notices import tell_all
from accounts.people import leads_of, team_of
from compliance import audit
from compliance.policy import CertificateKind, Deed, Role, side_of

if TYPE_CHECKING:
    from products.models import Use

REMIND_BEFORE = timedelta(days=30)


@audit.action
def record_certificate(
    person: User,
    kind: CertificateKind,
    *,
    valid_from: datetime,
    evidence: str,
    by: User,
    valid_to: datetime | None = None,
    use: Use | None = None,
    market: Market | None = None,
    label: str = "",
) -> Certificate:
    """Keep that somebody is trained, qualified or bound to internal use, with its proof (R-070, R-072).

    A lead records for the people of her own tree, Compliance for everybody, nobody for herself. What began
    in the past may be written down late: an act is judged by what held on its day.
    """
    audit.permit(Deed.RECORD_CERTIFICATE, on=person, by=by)
    verb = "was refused to record a certificate of"
    _check(person, by, verb)
    if not evidence.strip():
        audit.refuse("R-072", "evidence_missing", verb=verb, on=person, by=by)
    held = person.appointments.filter(during__contains=now()).first()
    certificate = Certificate.objects.create(
        person=person, side=str(side_of(Role(held.role))) if held else "", kind=str(kind), use=use,
        market=market, label=label, valid_from=valid_from, valid_to=valid_to, evidence=evidence.strip(),
        recorded_by=by, recorded_at=now(),
    )  # fmt: skip
    audit.record(
        "recorded a certificate of", person, by=by, market=market.code if market else "", kind=str(kind),
        use=str(use) if use else "", label=label, valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    return certificate


@audit.action
def revoke_certificate(certificate: UUID, *, reason: str, by: User) -> Certificate:
    """End a certificate now. What was done while it held stays lawful."""
    row = (
        Certificate.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("person", "market")
        .get(pk=certificate)
    )
    audit.permit(Deed.RECORD_CERTIFICATE, on=row.person, by=by)
    verb = "was refused to revoke a certificate of"
    _check(row.person, by, verb)
    if not reason.strip():
        audit.refuse("R-072", "evidence_missing", verb=verb, on=row.person, by=by)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by, row.revocation = now(), by, reason.strip()
        row.save(update_fields=["revoked_at", "revoked_by", "revocation"])
        audit.record("revoked a certificate of", row.person, by=by, kind=row.kind, reason=row.revocation)
    return row


def _check(person: User, by: User, verb: str) -> None:
    if person.pk == by.pk:
        audit.refuse("R-072", "own_certificate", verb=verb, on=person, by=by)
    if by.role != Role.COMPLIANCE and person.pk not in team_of(by):
        audit.refuse("R-072", "certificate_in_team", verb=verb, on=person, by=by, person=person.name)


def remind_of_ends() -> int:
    """Tell each person, and her lead, once, thirty days before a certificate ends; how many certificates.

    One that is followed by another of its kind, use and market is not worth a word.
    """
    with acting_as(system("remind of certificates")):
        following = Certificate.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=OuterRef("valid_to")), person=OuterRef("person"),
            kind=OuterRef("kind"), revoked_at=None, valid_from__lte=OuterRef("valid_to"),
        ).filter(
            Q(use=OuterRef("use")) | Q(use=None, kind=CertificateKind.QUALIFICATION),
            Q(market=None) | Q(market=OuterRef("market")),
        )  # fmt: skip
        ending = list(
            Certificate.objects.filter(
                ~Exists(following), revoked_at=None, valid_to__gt=now(), valid_to__lte=now() + REMIND_BEFORE,
                person__is_active=True,
            ).select_related("person").order_by("valid_to", F("pk"))
        )  # fmt: skip
        notices: list[tuple[User, str, str, str, dict[str, Any]]] = []
        for row in ending:
            facts = {"person": row.person.name}
            key = f"certificate {row.pk}"
            notices.append((row.person, "certificate_ends", key, "/certificates/", facts))
            notices += [
                (lead, "certificate_of_team_ends", key, "/certificates/", facts)
                for lead in leads_of(row.person)
            ]
        tell_all(notices)
        return len(ending)
