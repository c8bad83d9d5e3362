"""What people need before they may speak: the rules of each market, training, and approved material."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.acting import acting_as
from accounts.certificate_actions import record_certificate
from accounts.models import Market, User
from compliance.packs import open_with
from compliance.policy import Activity, Audience, CertificateKind, MaterialPurpose, Role, Side, State
from products.material_actions import approve_material, recall_material, register_material
from products.models import MaterialVersion, Use

Uses = dict[tuple[str, str], Use]
FIELD = ("jonas", "pia", "nico", "luca")
MEDICAL = ("lena", "murat", "felix", "sofia")
OPENING = (State.AUTHORISED, State.CONDITIONAL)
SHOWN_BY_MEDICAL = (
    Activity.SCIENTIFIC_EXCHANGE, Activity.SCIENTIFIC_LECTURE, Activity.EXTERNAL_TRAINING, Activity.INQUIRY_ANSWER,
    Activity.CONGRESS_MEDICAL,
)  # fmt: skip
SHOWN_BY_FIELD = (Activity.PRODUCT_CALL, Activity.SCIENTIFIC_LECTURE, Activity.CONGRESS_STAND)


def rules(markets: Iterable[Market], since: datetime) -> None:
    """Each market opens with its strict rules; nothing was ever said under laxer ones."""
    for market in markets:
        open_with(market, "2026.2", since)


def qualifications(users: dict[str, User], since: datetime) -> None:
    """Leads record their teams', Compliance the leads'."""
    for by, people in (("tom", MEDICAL), ("vera", FIELD), ("clara", ("tom", "vera"))):
        for person in people:
            with acting_as(users[by], at=since):
                record_certificate(
                    users[person], CertificateKind.QUALIFICATION, valid_from=since, by=users[by],
                    evidence="Degree in pharmacy, seen by Human Resources",
                )  # fmt: skip


def ready_for(use: Use, state: State, at: datetime, users: dict[str, User], today: datetime) -> None:
    """A use opens: field service is trained on it, and both sides get something to show."""
    if state not in OPENING:
        return
    for person in FIELD:
        if (person == "luca") == (use.market.code == "CH"):
            # One of them has to learn again soon, which the reminder tells.
            ends = today + timedelta(days=20) if person == "nico" and "Renavel" in str(use) else None
            with acting_as(users["vera"], at=at + timedelta(hours=9)):
                record_certificate(
                    users[person], CertificateKind.PRODUCT_TRAINING, use=use, valid_from=at, valid_to=ends,
                    evidence="Academy, final test passed", by=users["vera"],
                )  # fmt: skip
    _material(use, MaterialPurpose.PROMOTIONAL, "Detail aid", at, users["petra"], users)
    _material(use, MaterialPurpose.SCIENTIFIC, "Slide set", at, users["tom"], users)


def before_authorisation(uses: Uses, users: dict[str, User], at: datetime) -> None:
    """What Medical shows of what is not authorised, one set that was taken back, and one still in review."""
    for (name, code), use in sorted(uses.items(), key=lambda item: item[0]):
        if code == "DE" and name.startswith(("lexafiban", "NX-118")):
            old = _material(use, MaterialPurpose.SCIENTIFIC, "Trial overview", at, users["tom"], users)
            if name.startswith("lexafiban"):
                with acting_as(users["clara"], at=at + timedelta(days=100)):
                    recall_material(
                        old, reason="The figure on page 4 showed an interim analysis.", by=users["clara"]
                    )
                _material(
                    use, MaterialPurpose.SCIENTIFIC, "Trial overview", at + timedelta(days=101), users["tom"], users,
                    version="2",
                )  # fmt: skip
                _material(
                    use, MaterialPurpose.SCIENTIFIC, "Mechanism of action", at + timedelta(days=190), users["tom"],
                    users, approved=False,
                )  # fmt: skip


def _material(
    use: Use, purpose: MaterialPurpose, name: str, at: datetime, by: User, users: dict[str, User],
    *, version: str = "1", approved: bool = True,
) -> MaterialVersion:  # fmt: skip
    promotional = purpose is MaterialPurpose.PROMOTIONAL
    product = use.indication.product.name
    number = (
        f"{use.market.code}-{product[:3].upper()}-{name[:3].upper()}-{str(use.indication.name)[:3].upper()}"
    )
    with acting_as(by, at=at + timedelta(hours=10)):
        found = register_material(
            number=number, name=f"{product}: {name}", purpose=purpose, by=by, version=version, kept_at=f"Vault {number}",
            valid_from=at, markets=[use.market], uses=[use], languages=["de"],
            audiences=[Audience.PROFESSIONAL],
            roles=[Role.FIELD_SERVICE, Role.FIELD_LEAD] if promotional else [Role.MSL, Role.MSL_LEAD],
            activities=SHOWN_BY_FIELD if promotional else SHOWN_BY_MEDICAL,
        )  # fmt: skip
    if approved:
        with acting_as(users["clara"], at=at + timedelta(hours=11)):
            found = approve_material(found, approval=f"MLR {at:%y}-{at:%j}", by=users["clara"])
    return found


def shown(use: Use, side: Side, at: datetime) -> list[str]:
    """The ids of what that side may show of a use at an instant."""
    purpose = MaterialPurpose.PROMOTIONAL if side is Side.COMMERCIAL else MaterialPurpose.SCIENTIFIC
    found = MaterialVersion.objects.usable(at).filter(uses=use, material__purpose=str(purpose))
    return [str(pk) for pk in found.values_list("pk", flat=True)[:1]]
