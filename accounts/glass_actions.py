"""Asking for break-glass, granting it, ending it (R-107). What is read meanwhile the middleware writes down."""

from __future__ import annotations

from datetime import timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import now
from accounts.glass import BreakGlass
from accounts.models import User
from accounts.notices import tell
from accounts.people import people_with
from compliance import audit
from compliance.policy import Deed, Role


@audit.action
def ask_glass(
    reason: str, *, minutes: int, by: User, concerning: User | None = None, untold_because: str = ""
) -> BreakGlass:
    """Ask to read what the role of an administrator does not open. Compliance decides, and hears of it at once."""
    audit.permit(Deed.ASK_BREAK_GLASS, on=None, by=by, words=reason)
    waiting = BreakGlass.objects.filter(person=by, decided_at=None)
    if waiting.exists():
        audit.refuse("R-107", "waits_already", verb="was refused break-glass", on=by, by=by)
    glass = BreakGlass.objects.create(
        person=by, reason=reason, minutes=minutes, concerning=concerning, untold_because=untold_because, asked_at=now()
    )  # fmt: skip
    audit.record("asked for break-glass", glass, by=by, reason=reason, minutes=minutes,
                 concerning=concerning.name if concerning else "")  # fmt: skip
    _tell_compliance(glass, "glass_asked", by)
    return glass


@audit.action
def decide_glass(glass: BreakGlass, *, grant: bool, by: User) -> BreakGlass:
    """Open it from now on for its minutes, or decline. All of Compliance are told, and whom it concerns.

    She is not told where the law asks for that, and only with the reason that was given.
    """
    audit.permit(Deed.DECIDE_BREAK_GLASS, on=glass, by=by)
    glass = (
        BreakGlass.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person", "concerning")
        .get(pk=glass.pk)
    )
    verb = "was refused to decide break-glass"
    if glass.decided_at is not None:
        audit.refuse("R-107", "decided_already", verb=verb, on=glass, by=by)
    if by.pk in (glass.person_id, glass.concerning_id):
        audit.refuse("R-107", "second_person", verb=verb, on=glass, by=by)
    glass.decided_by, glass.decided_at, glass.granted = by, now(), grant
    if grant:
        glass.during = DateTimeTZRange(now(), now() + timedelta(minutes=glass.minutes))
    glass.save(update_fields=["decided_by", "decided_at", "granted", "during"])
    audit.record("opened break-glass" if grant else "declined break-glass", glass, by=by, reason=glass.reason,
                 until=glass.during.upper if glass.during else None, untold_because=glass.untold_because)  # fmt: skip
    if grant:
        tell(glass.person, "glass_open", f"glass {glass.pk} open", url=reverse("accounts:glass"), urgent=True)
        _tell_compliance(glass, "glass_opened", by)
        if glass.concerning is not None and not glass.untold_because:
            tell(
                glass.concerning,
                "glass_on_you",
                f"glass {glass.pk} on you",
                urgent=True,
                reader=glass.person.name,
            )
    return glass


@audit.action
def end_glass(glass: BreakGlass, *, by: User) -> BreakGlass:
    """Close it before its time: whoever opened it, or Compliance."""
    glass = (
        BreakGlass.objects.select_for_update(no_key=True, of=("self",))
        .select_related("person")
        .get(pk=glass.pk)
    )
    if (by.pk != glass.person_id and by.role != Role.COMPLIANCE) or not glass.is_open(now()):
        audit.refuse("R-107", "not_yours", verb="was refused to end break-glass", on=glass, by=by)
    glass.ended_at = now()
    glass.save(update_fields=["ended_at"])
    audit.record("ended break-glass", glass, by=by)
    return glass


def _tell_compliance(glass: BreakGlass, kind: str, by: User) -> None:
    for officer in people_with(Role.COMPLIANCE):
        if officer.pk != by.pk:
            tell(
                officer,
                kind,
                f"{kind} {glass.pk}",
                url=reverse("accounts:glass"),
                urgent=True,
                reader=glass.person.name,
            )
