"""The pages about experts."""

from kols.views.brief import kol_brief, kol_network
from kols.views.consents import consent_withdrawal, kol_consents, objection_lifting
from kols.views.directory import kol_export, kol_list
from kols.views.editing import (
    kol_affiliations,
    kol_edit,
    kol_identifiers,
    kol_markets,
    kol_new,
    kol_relations,
    kol_science,
    kol_status,
    relation_end,
    relation_owner,
)
from kols.views.finding import search, search_hits, search_index
from kols.views.merging import kol_merge
from kols.views.profile import kol_detail
from kols.views.saved import view_change, view_new, view_removal, view_restoration
from kols.views.seats import kol_goal, kol_seats, seat_end

__all__ = [
    "consent_withdrawal",
    "kol_affiliations",
    "kol_brief",
    "kol_consents",
    "kol_detail",
    "kol_edit",
    "kol_export",
    "kol_goal",
    "kol_identifiers",
    "kol_list",
    "kol_markets",
    "kol_merge",
    "kol_network",
    "kol_new",
    "kol_relations",
    "kol_science",
    "kol_seats",
    "kol_status",
    "objection_lifting",
    "relation_end",
    "relation_owner",
    "search",
    "search_hits",
    "search_index",
    "seat_end",
    "view_change",
    "view_new",
    "view_removal",
    "view_restoration",
]
