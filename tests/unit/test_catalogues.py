"""The German catalogue is whole: nothing forgotten, nothing doubtful, every placeholder in its place."""

from __future__ import annotations

import re
from enum import StrEnum
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.utils.translation.template import templatize

from compliance.policy import in_words, words
from compliance.policy.sentences import GUARD_LACKS, GUARD_WORDS, TEMPLATES
from msl_crm.policy_words import WORDS

ROOT = Path(settings.BASE_DIR)
FOLDERS = ["accounts", "compliance", "handovers", "imports", "interactions", "kols", "msl_crm"]
FOLDERS += ["products", "reports", "safety", "calendars", "jobs", "reviews"]
CALLS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%[ds]|%%|\{\w+\}")
Key = tuple[str | None, str | tuple[str, ...]]


@pytest.fixture(scope="module")
def german() -> Catalog:
    with (ROOT / "locale/de/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file)


def entries(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def said_in(source: bytes) -> set[Key]:
    """Every message Python code, or a template turned into such, asks to be translated."""
    found = extract("python", BytesIO(source), keywords=CALLS, options={"encoding": "utf-8"})
    return {(context, text) for _line, text, _comments, context in found}


def missing(said: set[Key], catalogue: Catalog) -> list[Key]:
    known = {(message.context, message.id) for message in entries(catalogue)}
    return sorted(said - known, key=str)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_text_of_the_code_is_in_the_catalogue(folder, german):
    said: set[Key] = set()
    for file in (ROOT / folder).rglob("*.py"):
        said |= said_in(file.read_bytes())

    assert not missing(said, german)


def test_every_text_of_the_templates_is_in_the_catalogue(german):
    said: set[Key] = set()
    files = [file for ending in ("*.html", "*.txt") for file in (ROOT / "templates").rglob(ending)]
    for file in files:
        code = templatize(file.read_text("utf-8"), origin=str(file))
        said |= said_in("\n".join(line.strip() for line in code.splitlines()).encode())

    assert len(said) > 300
    assert not missing(said, german)


def test_every_word_of_the_boundary_is_in_the_catalogue(german):
    enumerations = [
        kind
        for kind in vars(words).values()
        if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
    ]
    spelled = {in_words(member) for kind in enumerations for member in kind}

    assert len(enumerations) > 15
    assert spelled == set(WORDS)
    assert not missing({(None, word) for word in spelled}, german)


def test_every_sentence_of_a_refusal_is_in_the_catalogue(german):
    lacks = {text for lack in GUARD_LACKS.values() for text in lack}
    with_ways_on = {part for pair in TEMPLATES.values() for part in pair if part}

    assert not missing(
        {(None, text) for text in with_ways_on | set(GUARD_WORDS.values()) | lacks},
        german,
    )


def test_nothing_is_empty_or_doubtful(german):
    doubtful = [m.id for m in entries(german) if m.fuzzy or not all(forms(m.string)) or not m.string]

    assert not doubtful
    call_command("compile_catalogues", check=True)


def test_placeholders_are_the_same_in_both_languages(german):
    for message in entries(german):
        expected = sorted(PLACEHOLDER.findall(forms(message.id)[-1]))
        for text in forms(message.string):
            assert sorted(PLACEHOLDER.findall(text)) == expected, message.id


def test_a_text_begins_and_ends_with_the_same_space(german):
    for message in entries(german):
        for said, source in zip(forms(message.string), forms(message.id), strict=True):
            assert said[:1].isspace() == source[:1].isspace(), message.id
            assert said[-1:].isspace() == source[-1:].isspace(), message.id


def test_german_counts_in_two_forms(german):
    assert german.plural_forms == "nplurals=2; plural=(n != 1);"
    for message in entries(german):
        assert len(forms(message.string)) == len(forms(message.id)), message.id
