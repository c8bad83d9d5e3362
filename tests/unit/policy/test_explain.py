"""A refusal says what, why and the way on."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from compliance.policy import (
    Activity,
    Audience,
    Basis,
    Deed,
    Document,
    Intent,
    Kind,
    Person,
    Reason,
    Refused,
    Role,
    Standing,
    State,
    Zone,
    choices,
    decide,
    may,
    sentence,
    way_on,
)
from compliance.policy import words as vocabulary
from compliance.policy.explain import label
from compliance.policy.handover import GUARDS, Step, judge
from compliance.policy.sentences import GUARD_LACKS, GUARD_WORDS, TEMPLATES

from .acts import call, novastat, visit


def refusal(decision, **names: str) -> str:
    assert not decision.allowed
    return str(Refused(decision, names))


def test_felix_learns_that_novastat_is_not_authorised_yet() -> None:
    plan = decide(call(novastat(Zone.PRE), intent=Intent.PLAN))

    assert refusal(plan, market="Germany") == (
        "Novastat is not authorised in Germany yet (R-021). Pass the question to Medical."
    )
    assert refusal(decide(call(novastat(Zone.PRE)))) == (
        "Novastat is not authorised in DE yet (R-021). Pass the question to Medical. "
        "If it already took place, report it as a deviation."
    )


def test_mara_learns_which_documents_are_missing() -> None:
    topic = novastat(Zone.PRE, basis=Basis.UNSOLICITED_REQUEST, standing=Standing.OWNER)

    assert refusal(decide(visit(topic, documents=frozenset({Document.STATUS})))) == (
        "Missing for Novastat: unprompted request (R-020). Add it, or report a deviation if it cannot be had."
    )


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (may(Role.FIELD_SERVICE, Deed.REGISTER_KOL), "Field service may not do this: register KOL (R-102)."),
        (may(Role.MSL, "fly"), "Nobody may do this: fly (R-015). Tell your administrator."),
        (
            decide(visit(novastat(Zone.OPEN), kind=Kind.PRODUCT_CALL)),
            "Medical does not do this: product call (R-021).",
        ),
        (
            decide(call(novastat(Zone.OPEN), kind=Kind.VISIT)),
            "Field service does not do this: scientific exchange (R-020).",
        ),
        (decide(visit(novastat(Zone.OPEN), role=Role.ADMIN)), "Admin does not do this: scientific exchange"),
        (
            decide(visit(novastat(""), people=())),  # type: ignore[arg-type]
            "Nobody is named (R-015). Name the people who took part.",
        ),
        (
            judge(Step(transition="T-05", state=None, role=Role.MSL)),
            "This handover cannot be approved now (T-05).",
        ),
    ],
)
def test_a_refusal_says_what_why_and_the_way_on(decision, words: str) -> None:
    assert words in refusal(decision)


def test_the_constant_answer_names_neither_the_kol_nor_the_owner() -> None:
    assert refusal(decide(call(novastat(Zone.OPEN), intent=Intent.PLAN))) == (
        "This is not yours (R-021). Ask your lead."
    )


def test_a_topic_without_a_name_is_called_something() -> None:
    assert sentence(Reason.of("R-021", "not_open_yet")) == (
        "This topic is not authorised in this market yet (R-021). Pass the question to Medical."
    )
    assert sentence(Reason.of("R-021", "not_open_yet", topic="", market="")).startswith("This topic is not")


def test_a_code_from_another_version_still_says_its_rule() -> None:
    reason = Reason.of("R-999", "from_the_future", documents="SOMETHING REQ", role="PILOT")

    assert sentence(reason) == "Not allowed (R-999)."
    assert way_on(reason) == ""
    assert label("documents", "SOMETHING REQ") == "SOMETHING, unprompted request"
    assert label("role", "PILOT") == "PILOT"


@pytest.mark.parametrize("code", TEMPLATES)
def test_each_template_is_a_sentence_and_has_a_way_on(code: str) -> None:
    said = sentence(Reason.of("R-001", code))

    assert re.fullmatch(r"[A-Z].*\(R-001\)\.( [A-Z].*\.)?", said)
    assert bool(way_on(Reason.of("R-001", code))) is (code != "not_configured")


def test_a_note_is_no_part_of_a_refusal() -> None:
    """Receipts of older versions carry it."""
    refused = judge(Step(transition="T-03", state=None, role=Role.FIELD_LEAD))
    note = Reason.of("R-072", "not_configured", guard="training_valid")

    assert "Not configured" not in refusal(replace(refused, reasons=(*refused.reasons, note)))


def test_every_guard_has_words() -> None:
    assert set(GUARD_WORDS) == set(GUARDS)
    assert set(GUARD_LACKS) <= set(GUARDS)


def test_a_failed_guard_says_what_is_missing_and_who_can_mend_it() -> None:
    said = sentence(Reason.of("R-072", "guard_failed", guard="training_valid"))

    assert said == (
        "The recipient has no valid training on this use and its label (R-072). "
        "The field lead or Compliance records it once it is done."
    )


def test_a_refusal_without_reasons_still_says_something() -> None:
    assert str(Refused(replace(may(Role.MSL, Deed.READ_TRAIL), reasons=()))) == "Not allowed."


@pytest.mark.parametrize(
    ("words", "value", "said"),
    [
        (Role, "MSL_LEAD", "MSL lead"),
        (Role, "FIELD_SERVICE", "Field service"),
        (Basis, "UNSOLICITED_REQUEST", "The doctor asked, unprompted"),
        (State, "APPL_WITHDRAWN", "Application withdrawn"),
        (Deed, "import_kols", "Import KOLs"),
        (Activity, "PRODUCT_CALL", "Product call"),
        (vocabulary.Channel, "EMAIL", "E-mail"),
    ],
)
def test_words_serve_as_choices(words, value: str, said: str) -> None:
    assert (value, said) in choices(words)
    assert len(choices(words)) == len(words)


GERMAN = {
    "{topic} is not authorised in {market} yet": "{topic} ist in {market} noch nicht zugelassen",
    "Pass the question to Medical.": "Geben Sie die Frage an Medical weiter.",
    "If it already took place, report it as a deviation.": "Falls es stattfand, melden Sie eine Abweichung.",
    "this topic": "dieses Thema",
    "Missing for {topic}: {documents}": "Es fehlt zu {topic}: {documents}",
    "Unprompted request": "Unaufgeforderte Anfrage",
}


def german(text: str) -> str:
    return GERMAN.get(text, text)


def test_a_door_says_it_in_its_own_language() -> None:
    refused = Refused(decide(call(novastat(Zone.PRE, name=""))), {"market": "Deutschland"})

    assert refused.told(german) == (
        "Dieses Thema ist in Deutschland noch nicht zugelassen (R-021). "
        "Geben Sie die Frage an Medical weiter.",
        "Falls es stattfand, melden Sie eine Abweichung.",
    )
    reason = Reason.of("R-020", "missing", topic="Novastat", documents="REQ")
    assert sentence(reason, german).startswith("Es fehlt zu Novastat: Unaufgeforderte Anfrage (R-020).")


def test_a_name_is_spelled_out_by_what_it_names() -> None:
    assert label("channel", "IN_PERSON") == "in person"
    assert label("activity", "PRODUCT_CALL") == "product call"
    assert label("role", "MSL") == "MSL"
    assert label("deed", "register_kol") == "register KOL"
    assert label("guard", "use_open") == "the product is authorised and may be promoted"
    assert label("guard", "unheard_of") == "unheard_of"
    assert label("guard", "use_open", str.upper) == "THE PRODUCT IS AUTHORISED AND MAY BE PROMOTED"
    assert label("documents", "REQ LATE") == "unprompted request, reason for late entry"
    assert label("what", "status") == "status"
    assert label("person", "") == "person"
    assert label("role", "FIELD_SERVICE", lambda text: f"<{text}>") == "<Field service>"


def test_a_refusal_is_an_error_that_can_be_shown_and_raised_anew() -> None:
    plan = decide(call(novastat(Zone.PRE), intent=Intent.PLAN))
    refused = Refused(plan)

    assert (refused.args, refused.decision, refused.names) == ((plan,), plan, {})
    names = {"market": "Germany"}
    kept = Refused(plan, names)
    assert kept.args == (plan,)
    names["market"] = "France"
    assert kept.names == {"market": "Germany"}


def test_the_deviation_is_the_way_on_once() -> None:
    deviation = "If it already took place, report it as a deviation."
    lay = Person(audience=Audience.PATIENT, markets=("DE",))
    told = Refused(decide(visit(novastat(Zone.OPEN, standing=Standing.OWNER), people=(lay,)))).told()

    assert [deviation in line for line in told] == [True]
    both = Refused(decide(call(novastat(Zone.PRE), people=(lay,)))).told()
    assert sum(deviation in line for line in both) == 1
    assert len(both) == 2


def test_a_way_on_is_said_in_the_language_of_the_door() -> None:
    assert way_on(Reason.of("R-021", "not_open_yet"), german) == "Geben Sie die Frage an Medical weiter."
    assert way_on(Reason.of("R-021", "nothing_known"), lambda text: f"<{text}>") == ""
