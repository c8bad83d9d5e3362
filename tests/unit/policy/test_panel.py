"""What the boundary panel offers, and what each answer will ask for."""

from __future__ import annotations

from typing import Any

from compliance.policy import Basis, Kind, Outcome, Panel, Role, Standing, Zone, options

EVERYTHING: dict[str, Any] = {"has_plan_item": True, "has_study": True, "has_contract": True}


def offered(panel: Panel) -> dict[str, tuple[set[str], set[str]]]:
    return {option.basis.name: (set(option.documents), set(option.prefilled)) for option in panel.options}


def test_before_authorisation_an_msl_is_offered_only_what_can_be_true() -> None:
    panel = options(role=Role.MSL, zone=Zone.PRE, standing=Standing.OWNER)

    assert panel.asks
    assert offered(panel) == {"UNSOLICITED_REQUEST": ({"REQ", "STATUS"}, set())}


def test_before_authorisation_with_a_plan_item_a_study_and_a_contract() -> None:
    panel = options(role=Role.MSL, zone=Zone.PRE, standing=Standing.OWNER, **EVERYTHING)

    assert [option.label for option in panel.options] == [
        "The doctor asked, unprompted",
        "Planned scientific exchange",
        "Study conduct",
        "Contracted advisory board",
    ]
    assert offered(panel) == {
        "UNSOLICITED_REQUEST": ({"REQ", "STATUS"}, set()),
        "PROACTIVE": ({"STATUS"}, {"PLAN", "PURPOSE"}),
        "STUDY_SUPPORT": ({"TRIAL"}, set()),
        "CONTRACTED_BOARD": ({"NEED", "CONTRACT", "ATT", "STATUS"}, set()),
    }


def test_an_open_product_of_ones_own_has_nothing_to_ask() -> None:
    panel = options(role=Role.MSL, zone=Zone.OPEN, standing=Standing.OWNER, **EVERYTHING)

    assert (panel.asks, panel.outcome, panel.options, panel.documents) == (False, Outcome.ALLOWED, (), ())


def test_after_the_handover_the_msl_says_whether_she_was_asked() -> None:
    panel = options(role=Role.MSL, zone=Zone.OPEN, standing=Standing.SCIENTIFIC_CONTACT, has_plan_item=True)

    assert offered(panel) == {"UNSOLICITED_REQUEST": ({"REQ"}, set()), "PROACTIVE": (set(), {"PLAN"})}


def test_a_suspended_product_is_only_talked_about_when_asked() -> None:
    panel = options(role=Role.MSL, zone=Zone.CLOSED, standing=Standing.OWNER, has_plan_item=True)

    assert offered(panel) == {"UNSOLICITED_REQUEST": ({"REQ", "STATUS"}, set())}


def test_an_unlisted_use_is_only_answered() -> None:
    panel = options(role=Role.MSL, zone=Zone.UNLISTED, **EVERYTHING)

    assert offered(panel) == {"UNSOLICITED_REQUEST": ({"REQ", "RESP", "STATUS"}, set())}


def test_a_product_call_has_no_panel_but_its_documents() -> None:
    panel = options(role=Role.FIELD_SERVICE, zone=Zone.OPEN, standing=Standing.OWNER, kind=Kind.PRODUCT_CALL)

    assert (panel.asks, panel.options, set(panel.documents)) == (False, (), {"SMPC", "MAT"})


def test_field_service_before_authorisation_is_offered_nothing_and_told_why() -> None:
    panel = options(
        role=Role.FIELD_SERVICE, zone=Zone.PRE, kind=Kind.PRODUCT_CALL, topic="Novastat", **EVERYTHING
    )

    assert (panel.asks, panel.outcome, panel.options) == (False, Outcome.NOT_ALLOWED, ())
    assert [(reason.rule, reason.code) for reason in panel.reasons] == [("R-021", "not_open_yet")]


def test_every_basis_has_its_place_in_the_panel() -> None:
    panel = options(role=Role.MSL, zone=Zone.PRE, standing=Standing.OWNER, **EVERYTHING)

    assert {option.basis for option in panel.options} == set(Basis)
