"""Rules F, first part: what may be shown or left behind (R-080 to R-083)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from .facts import Act
from .matrix import LIKE_MSL
from .rulings import Ruling, denied, needing, unknown
from .things import Material, MaterialPurpose, MaterialStatus
from .topics import PRODUCT, activities, audiences, contacts, demanding, markets, side
from .words import Document, Side, Subject, Zone


def register(act: Act) -> Iterator[Ruling]:
    """R-080: who says that approved material was used names it, where the market keeps a register."""
    claimed = Document.MAT in act.documents.union(*(topic.documents for topic in act.topics))
    if claimed and not act.materials and demanding(act, "materials"):
        code = "materials_unknown" if act.materials is None else "materials_missing"
        yield needing("R-080", (Document.MAT,), code=code)


def usable(act: Act) -> Iterator[Ruling]:
    """R-080, R-083: approved, in force, not recalled and not in quarantine at the event."""
    for material in act.materials or ():
        at = act.starts_at
        if not isinstance(material.status, MaterialStatus):
            yield unknown("unknown_word", what="status", word=str(material.status))
        elif material.status is not MaterialStatus.APPROVED:
            yield denied("R-080", "material_not_approved", material=material.name)
        if material.valid_from is None:
            yield unknown("material_validity_unknown", "R-080", material=material.name)
        elif at < material.valid_from or _reached(material.valid_to, at):
            yield denied("R-080", "material_not_valid", material=material.name)
        if _reached(material.recalled_at, at):
            yield denied("R-080", "material_recalled", material=material.name)
        if _reached(material.quarantined_at, at):
            yield denied("R-083", "material_quarantined", material=material.name)


def _reached(instant: datetime | None, at: datetime) -> bool:
    return instant is not None and instant <= at


def listed(act: Act) -> Iterator[Ruling]:
    """R-081: markets, audiences, roles, activities and uses of the act stand on the material's list."""
    uses = {topic.ref for topic in act.topics if topic.subject == Subject.USE}
    for material in act.materials or ():
        wanted: tuple[tuple[str, set[str], set[str]], ...] = (
            ("market", set(markets(act)), set(material.markets)),
            ("audience", set(audiences(act)), set(material.audiences)),
            ("role", {act.role}, set(material.roles)),
            ("activity", set(activities(act)), set(material.activities)),
        )
        for what, asked, on_list in wanted:
            if asked - on_list:
                strange = ", ".join(sorted(asked - on_list))
                yield denied("R-081", "material_not_for", material=material.name, what=what, word=strange)
        if uses and not uses & {use.ref for use in material.uses}:
            yield denied("R-081", "material_other_use", material=material.name)


def purposes(act: Act) -> Iterator[Ruling]:
    """R-082: promotional where all is open, scientific by Medical alone, internal never before others."""
    for material in act.materials or ():
        match material.purpose:
            case MaterialPurpose.PROMOTIONAL:
                yield from _promotional(act, material)
            case MaterialPurpose.SCIENTIFIC:
                if side(act) is not Side.MEDICAL:
                    yield denied("R-082", "material_of_medical", material=material.name)
            case MaterialPurpose.SIUU:
                if act.role not in LIKE_MSL or not demanding(act, "siuu"):
                    yield denied("R-082", "material_siuu", material=material.name)
            case MaterialPurpose.INTERNAL:
                if contacts(act):
                    yield denied("R-082", "material_internal", material=material.name)
            case MaterialPurpose.SAFETY:
                pass
            case _:
                yield unknown("unknown_word", what="purpose", word=str(material.purpose))


def _promotional(act: Act, material: Material) -> Iterator[Ruling]:
    """Every use that it mentions is open in every applicable market, from start to end."""
    about = any(topic.subject in PRODUCT for topic in act.topics)
    if about and not material.uses:
        yield unknown("material_uses_unknown", "R-082", material=material.name)
    for use in material.uses:
        found = {place.market: set(place.zones) for place in use.zones}
        for market in markets(act):
            if market not in found:
                yield unknown("material_zone_unknown", "R-082", material=material.name, market=market)
            elif found[market] != {Zone.OPEN}:
                yield denied("R-082", "material_not_open", material=material.name, market=market)
