"""Which roles must have a second factor, and how one that is lost is taken away by two people."""

from __future__ import annotations

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from django.urls import reverse

from accounts.acting import now
from accounts.actions import sign_out_everywhere
from accounts.factors import FactorReset, FactorRule
from accounts.models import User
from accounts.notices import tell
from accounts.people import people_with
from compliance import audit
from compliance.policy import Deed, Role


@audit.action
def set_factor_rules(roles: Collection[Role], *, by: User) -> None:
    """Say which roles must have a second factor. From the next request on, their people add one first."""
    audit.permit(Deed.SET_SIGN_IN_RULES, on=None, by=by, words="which roles need a second factor")
    before = set(FactorRule.objects.values_list("role", flat=True))
    wanted = {str(role) for role in roles}
    FactorRule.objects.filter(role__in=before - wanted).delete()
    FactorRule.objects.bulk_create(
        FactorRule(role=role, set_by=by, set_at=now()) for role in sorted(wanted - before)
    )
    if before != wanted:
        audit.record(
            "set which roles need a second factor",
            by=by,
            needed=sorted(wanted),
            no_longer=sorted(before - wanted),
        )


@audit.action
def ask_factor_reset(person: User, reason: str, *, by: User) -> FactorReset:
    """Ask that somebody's second factors be taken away, because they are lost. A second person decides."""
    audit.permit(Deed.ASK_FACTOR_RESET, on=person, by=by)
    verb = "was refused to ask for a reset of"
    if person.pk == by.pk:
        audit.refuse("R-140", "second_person", verb=verb, on=person, by=by)
    if not Authenticator.objects.filter(user=person).exists():
        audit.refuse("R-140", "no_second_factor", verb=verb, on=person, by=by, person=person.name)
    if FactorReset.objects.filter(person=person, decided_at=None).exists():
        audit.refuse("R-140", "waits_already", verb=verb, on=person, by=by)
    reset = FactorReset.objects.create(person=person, reason=reason, asked_by=by, asked_at=now())
    audit.record("asked for a reset of the second factor of", person, by=by, reason=reason)
    for other in (*people_with(Role.ADMIN), *people_with(Role.COMPLIANCE)):
        if other.pk not in (by.pk, person.pk):
            tell(
                other,
                "factor_reset_asked",
                f"reset {reset.pk}",
                url=reverse("accounts:factor_reset", args=[reset.pk]),
                whose=person.name,
            )
    return reset


@audit.action
def decide_factor_reset(reset: FactorReset, *, grant: bool, by: User) -> FactorReset:
    """Take the factors away, or decline. Never by who asked, nor by whose they are (R-140).

    Granted, every session of the person ends, and she is told by notice and mail.
    """
    audit.permit(Deed.DECIDE_FACTOR_RESET, on=reset.person, by=by)
    reset = FactorReset.objects.select_for_update(no_key=True).select_related("person").get(pk=reset.pk)
    verb = "was refused to decide a reset of"
    if reset.decided_at is not None:
        audit.refuse("R-140", "decided_already", verb=verb, on=reset.person, by=by)
    if by.pk in (reset.asked_by_id, reset.person_id):
        audit.refuse("R-140", "second_person", verb=verb, on=reset.person, by=by)
    reset.decided_by, reset.decided_at, reset.granted = by, now(), grant
    reset.save(update_fields=["decided_by", "decided_at", "granted"])
    if grant:
        # One by one: each leaves its line, and its owner is told.
        for factor in Authenticator.objects.filter(user=reset.person).select_related("user"):
            factor.delete()
        sign_out_everywhere(reset.person)
    audit.record(
        "reset the second factor of" if grant else "declined to reset the second factor of",
        reset.person, by=by, reason=reset.reason, asked_by=str(reset.asked_by_id),
    )  # fmt: skip
    return reset
