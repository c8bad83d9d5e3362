"""What the boundary panel offers, and what each answer will ask for."""

from __future__ import annotations

from typing import Any

import pytest

from compliance.policy import (
    Audience,
    Basis,
    Channel,
    Document,
    Kind,
    Outcome,
    Panel,
    Role,
    Standing,
    Zone,
    options,
)

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


def test_the_panel_asks_about_this_topic_in_this_market_before_this_audience() -> None:
    here = options(
        role=Role.FIELD_SERVICE, zone=Zone.PRE, kind=Kind.PRODUCT_CALL, topic="Novastat", market="DE"
    )
    assert [reason.params for reason in here.reasons] == [
        *(
            (
                ("activity", "PRODUCT_CALL"),
                ("market", "DE"),
                ("role", "FIELD_SERVICE"),
                ("topic", "Novastat"),
            ),
        ),
    ]
    nowhere = options(role=Role.FIELD_SERVICE, zone=Zone.PRE, kind=Kind.PRODUCT_CALL)
    assert [dict(reason.params)["topic"] for reason in nowhere.reasons] == [""]
    assert [dict(reason.params)["market"] for reason in nowhere.reasons] == ["here"]
    payer = options(role=Role.MSL, zone=Zone.PRE, standing=Standing.OWNER, audience=Audience.PAYER)
    assert offered(payer) == {"UNSOLICITED_REQUEST": ({"PAYER", "REQ"}, set())}


def test_the_strictest_of_the_answers_colours_what_is_asked() -> None:
    asked = options(role=Role.MSL, zone=Zone.CLOSED, standing=Standing.OWNER, has_plan_item=True)
    assert (asked.asks, asked.outcome, asked.rules) == (True, Outcome.WITH_DOCUMENTS, ("R-020",))
    assert (asked.documents, asked.reasons) == ((), ())
    early = options(role=Role.MSL, zone=Zone.PRE, standing=Standing.OWNER)
    assert (early.asks, early.outcome) == (True, Outcome.WITH_DOCUMENTS)
    unlisted = options(role=Role.MSL, zone=Zone.UNLISTED)
    assert (unlisted.asks, unlisted.outcome) == (True, Outcome.NOT_ALLOWED)
    assert (unlisted.documents, unlisted.reasons) == ((), ())
    # Nothing can be true here, so nothing is asked and the refusal is said.
    mute = options(role=Role.FIELD_SERVICE, zone=Zone.CLOSED, kind=Kind.INQUIRY, channel=Channel.MESSENGER)
    assert (mute.asks, mute.options, mute.outcome) == (False, (), Outcome.NOT_ALLOWED)
    assert mute.documents == (Document.REQ,)
    assert "unsupported_channel" in {reason.code for reason in mute.reasons}


def test_documents_come_in_the_order_of_the_rulebook() -> None:
    panel = options(role=Role.MSL, zone=Zone.PRE, standing=Standing.OWNER, **EVERYTHING)

    assert [option.documents for option in panel.options] == [
        (Document.STATUS, Document.REQ),
        (Document.STATUS,),
        (Document.TRIAL,),
        (Document.STATUS, Document.CONTRACT, Document.NEED, Document.ATT),
    ]
    assert panel.options[1].prefilled == (Document.PURPOSE, Document.PLAN)


@pytest.mark.parametrize(("channel", "outcome"), [(Channel.PHONE, 0), (Channel.MESSENGER, 2), (None, 0)])
def test_the_channel_counts_and_is_a_visit_where_none_is_said(channel: Channel | None, outcome: int) -> None:
    said = {} if channel is None else {"channel": channel}

    assert options(role=Role.MSL, zone=Zone.OPEN, standing=Standing.OWNER, **said).outcome == outcome
