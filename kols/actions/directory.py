"""Registering experts and keeping their entries right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import now
from accounts.models import Market, User
from compliance import audit
from compliance.policy import Deed
from kols.models import KOL, Affiliation, Identifier, Institution, Practice, ScientificProfile

EDITABLE = (
    "title", "given_name", "family_name", "suffix", "specialty", "languages", "email", "phone", "preferred_channel",
    "preferred_times", "licence", "formulary_member", "paid_services_need_approval", "do_not_contact", "status",
)  # fmt: skip


@audit.action
def register_kol(
    *,
    by: User,
    family_name: str,
    main_market: Market,
    markets: Iterable[Market] = (),
    institution: Institution | None = None,
    function: str = "",
    identifiers: Iterable[tuple[str, str]] = (),
    source: str = "",
    status: str = KOL.Status.ACTIVE,
    **facts: object,
) -> KOL:
    """Enter an expert into the directory. Only Medical may: a duplicate check would tell Sales who exists (decision 12)."""
    audit.permit(Deed.REGISTER_KOL, on=None, by=by, words=family_name)
    kol = KOL.objects.create(
        family_name=family_name,
        main_institution=institution,
        source=source,
        status=status,
        created_at=now(),
        **facts,
    )
    others = [market for market in markets if market.pk != main_market.pk]
    Practice.objects.bulk_create(
        [
            Practice(kol=kol, market=main_market, main=True),
            *(Practice(kol=kol, market=market) for market in others),
        ]
    )
    if institution is not None:
        Affiliation.objects.create(
            kol=kol,
            institution=institution,
            function=function,
            main=True,
            during=DateTimeTZRange(now(), None),
        )
    Identifier.objects.bulk_create(
        Identifier(kol=kol, scheme=scheme, value=value) for scheme, value in identifiers
    )
    audit.record("registered", kol, by=by, market=main_market.code, source=source)
    return kol


@audit.action
def edit_kol(kol: KOL, *, by: User, **changes: object) -> KOL:
    """Correct an entry of the directory. The database keeps what it said before."""
    audit.permit(Deed.EDIT_KOL, on=kol, by=by)
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not a column of the directory: {sorted(unknown)}")
    kol = KOL.objects.select_for_update(no_key=True).get(pk=kol.pk)
    changed = [name for name, value in changes.items() if getattr(kol, name) != value]
    for name in changed:
        setattr(kol, name, changes[name])
    if changed:
        kol.save(update_fields=changed)
        audit.record("edited", kol, by=by, fields=changed)
    return kol


@audit.action
def add_affiliation(
    kol: KOL,
    institution: Institution,
    *,
    by: User,
    function: str = "",
    main: bool = False,
    since: datetime | None = None,
) -> Affiliation:
    """Note where an expert works. A new main affiliation takes the place of the old one."""
    audit.permit(Deed.EDIT_KOL, on=kol, by=by)
    kol = KOL.objects.select_for_update(no_key=True).get(pk=kol.pk)
    if main:
        kol.affiliations.filter(main=True).update(main=False)
        kol.main_institution = institution
        kol.save(update_fields=["main_institution"])
    affiliation = Affiliation.objects.create(
        kol=kol,
        institution=institution,
        function=function,
        main=main,
        during=DateTimeTZRange(since or now(), None),
    )
    audit.record("noted affiliation of", kol, by=by, institution=str(institution), main=main)
    return affiliation


@audit.action
def add_identifier(kol: KOL, *, scheme: str, value: str, by: User) -> Identifier:
    """Note the number by which a register knows an expert. Another KOL's number is an IntegrityError by name."""
    audit.permit(Deed.EDIT_KOL, on=kol, by=by)
    identifier = Identifier.objects.create(kol=kol, scheme=scheme, value=value)
    audit.record("noted identifier of", kol, by=by, scheme=scheme)
    return identifier


@audit.action
def set_science(
    kol: KOL, *, tier: int, rationale: str, by: User, interests: list[str] | None = None, goals: str = ""
) -> ScientificProfile:
    """Set how Medical regards an expert. A tier needs a written scientific reason (R-075)."""
    audit.permit(Deed.EDIT_SCIENCE, on=kol, by=by)
    profile, _ = ScientificProfile.objects.update_or_create(
        kol=kol,
        defaults={
            "tier": tier,
            "rationale": rationale,
            "interests": interests or [],
            "goals": goals,
            "updated_by": by,
            "updated_at": now(),
        },
    )
    audit.record("set scientific profile of", kol, by=by, tier=tier)
    return profile
