"""What a text is marked for, and what it is not."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from compliance.policy.packs import packs
from compliance.wording import (
    Facts,
    Kind,
    Level,
    Mark,
    Name,
    NameSort,
    Reader,
    first_keys,
    level_of,
    sentence,
)
from compliance.wording.words import SENTENCES

FACTS = Facts(
    names=(
        Name("Novastat", NameSort.BRAND, "novastat"),
        Name("novastatin", NameSort.INN, "novastat"),
        Name("LX-204", NameSort.CODE, "novastat"),
        Name("Müllerol", NameSort.BRAND, "mullerol"),
        Name("Eliquis", NameSort.BRAND, "eliquis", ours=False),
        Name("Insulin", NameSort.INN, "insulin", ours=False),
    ),
)
DECLARED = replace(FACTS, declared=frozenset({"novastat"}))
AUTHORISED = replace(DECLARED, authorised=frozenset({"novastat"}))


def found(text: str, facts: Facts = FACTS, *, ours: bool = True) -> list[tuple[str, str, str]]:
    return [(mark.kind, mark.reason, mark.words) for mark in Reader(facts).marks(text, ours=ours)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("About Novastat.", "Novastat"),
        ("NOVASTATS Wirkung", "NOVASTATS"),
        ("Novastat's label", "Novastat's"),
        ("Novastattherapie", "Novastattherapie"),
        ("the Novastat-treated", "Novastat"),
        ("Novstat", "Novstat"),
        ("Novastta", "Novastta"),
        ("nova\u00adstat", "nova\u00adstat"),
        ("LX204", "LX204"),
        ("lx 204", "lx 204"),
        ("Muellerol and Mullerol", "Muellerol"),
    ],
)
def test_a_product_that_is_no_topic_is_found_however_it_is_written(text: str, words: str) -> None:
    assert found(text)[0] == (Kind.NAME, "own", words)


@pytest.mark.parametrize("text", ["Eliqis", "Insulin", "LX-205", "Nova and statins", "Navastatik", "NOVA-HF"])
def test_what_only_resembles_a_name_is_none(text: str) -> None:
    assert found("About Eliquis") == [(Kind.NAME, "other", "Eliquis")]
    assert found(text) == []


def test_a_name_of_a_declared_product_is_in_order_and_its_brand_once_it_is_authorised() -> None:
    text = "Novastat, novastatin or LX-204"

    assert [words for _, _, words in found(text)] == ["Novastat", "novastatin", "LX-204"]
    assert found(text, DECLARED) == [(Kind.BRAND, "brand", "Novastat")]
    assert found(text, AUTHORISED) == []


def test_praise_is_ours_only_where_we_say_it() -> None:
    text = "It is the best option and has no side effects"

    assert [reason for _, reason, _ in found(text)] == ["superlative", "safety"]
    assert found(text, ours=False) == []


def test_field_service_may_urge_but_not_play_down() -> None:
    text = "He should prescribe more of it. It has no side effects."

    assert {reason for _, reason, _ in found(text)} == {"urging", "safety"}
    assert {reason for _, reason, _ in found(text, replace(FACTS, promotes=True))} == {"safety"}


def test_what_is_denied_or_asked_is_no_praise() -> None:
    assert [reason for _, reason, _ in found("It is superior")] == ["comparison"]
    assert found("It is not superior. He asked whether it is superior.") == []
    assert [words for _, _, words in found("Not today.\nIt is superior.")] == ["superior"]


def test_german_praise_is_found_in_a_german_text_however_umlauts_are_written() -> None:
    german = replace(FACTS, language="de")

    assert [words for _, _, words in found("Es ist überlegen.", german)] == ["überlegen"]
    assert [words for _, _, words in found("Es ist ueberlegen.", german)] == ["ueberlegen"]
    assert [words for _, _, words in found("a game changer", german)] == ["game changer"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("DOB 14/02/1949", "birth"),
        ("geb. am 3. März 1951", "birth"),
        ("A.B., 62 years", "initials"),
        ("eine 62-jährige Patientin, M.K.", "initials"),
        ("my patient Mr Smith", "name"),
        ("Frau Müller, 71, war da", "name"),
        ("Patient auf Zimmer 12", "room"),
        ("case number 44711", "record"),
        ("ring 0171 4456123", "phone"),
        ("mail a.b@example.org", "email"),
        ("A123456780", "insurance"),
        ("943 476 5919", "insurance"),
        ("wohnt Hauptstraße 5", "address"),
    ],
)
def test_what_tells_who_a_patient_is(text: str, reason: str) -> None:
    assert (Kind.PATIENT, reason) in [(kind, why) for kind, why, _ in found(text)]


@pytest.mark.parametrize(
    "text",
    ["INR 2.5", "published 14/02/2019", "Prof. A. B. Weber", "room 12", "NCT04512345", "A123456781", "943 476 5918",
     "45 patients, 62 years old on average", "Mr Smith from the pharmacy"],
)  # fmt: skip
def test_a_number_a_date_or_a_colleague_is_no_patient(text: str) -> None:
    assert found(text) == []


def test_whoever_was_there_is_no_patient() -> None:
    text = "Frau Keller, 58, was discharged from her duties"

    assert found(text)[0][:2] == (Kind.PATIENT, "name")
    assert found(text, replace(FACTS, people=frozenset({"Prof. Dr. Anna Keller"}))) == []


def test_a_mark_says_where_it_stands_in_the_text_as_written() -> None:
    text = "Ä\0\ufdfa \ud800 ﬁne: Mu\u0308llerol!"

    assert Reader(FACTS).marks(text) == [
        Mark(text.index("Mu"), len(text) - 1, Kind.NAME, "own", Level.EXPLAIN, "Mu\u0308llerol")
    ]


@pytest.mark.parametrize(
    "piece",
    ["A.", "1", "1-", "@", "a@a.", "Mr A ", "Patient ", "Herr Aa Bb ", "Aa", "\0", "\ud800", "\u0301", "0 ", "+1 ",
     "geb. ", "12.3.", "novasta ", "the best ", "\ufdfa", "patient room ", "wohnt Aa ", "\n", "Frau Aa rash "],
)  # fmt: skip
def test_no_text_takes_longer_than_its_length_allows(piece: str) -> None:
    reader = Reader(FACTS)

    def taken(length: int) -> float:
        """The best of three: what the machine does besides is not the reader's."""
        text, best = (piece * length)[:length], float("inf")
        for _ in range(3):
            began = time.process_time()
            reader.marks(text)
            best = min(best, time.process_time() - began)
        return best

    half, whole = taken(10_000), taken(20_000)
    assert whole < 0.1 + 4 * half
    assert whole < 2
    assert taken(400_000) < 0.1 + 4 * whole, "what is longer than any field is not read"


def test_names_are_looked_up_by_what_they_may_begin_with() -> None:
    assert first_keys("Eliquis' Preis", "Müllerols") == {
        "eliquis",
        "eliqui",
        "preis",
        "prei",
        "mullerols",
        "mullerol",
    }


def test_a_pack_weighs_for_itself_and_the_strictest_of_several_counts() -> None:
    britain = {"BRAND": "explain", "PATIENT.birth": "hint"}

    assert level_of([britain], Kind.BRAND, "brand") is Level.EXPLAIN
    assert level_of([{}], Kind.BRAND, "brand") is level_of([], Kind.BRAND, "brand") is Level.HINT
    assert level_of([{}, britain], Kind.BRAND, "brand") is Level.EXPLAIN
    assert level_of([britain], Kind.PATIENT, "birth") is Level.HINT
    assert level_of([britain, {}], Kind.PATIENT, "birth") is Level.BLOCK
    assert level_of([], Kind.PATIENT, "room") is Level.EXPLAIN


def test_packs_weigh_only_reasons_there_are() -> None:
    known = {f"{kind}.{reason}" for kind, reason in SENTENCES} | set(Kind)

    said = {key: level for pack in packs().values() for key, level in pack.words.items()}
    assert said == {"BRAND": "explain"}
    assert set(said) <= known
    assert set(said.values()) <= set(Level)


def test_every_reason_has_its_sentence() -> None:
    assert sentence(Kind.PATIENT, "birth") == "A date of birth. Leave it out."
    assert {kind for kind, _ in SENTENCES} == set(Kind)
    assert all(text.endswith(".") for text in SENTENCES.values())
