"""Plain words for a reason: what, why (the rule) and the way on.

The policy speaks English. A door passes its ``gettext`` as ``translate``; the texts are marked for
translation in ``sentences``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from .facts import Decision, Reason
from .sentences import DEVIATION, GUARD_LACKS, GUARD_WORDS, TEMPLATES, UNKNOWN, UNNAMED
from .words import Activity, Channel, DecisionKind, Deed, Document, Role, in_words

Translate = Callable[[str], str]

# Said of an allowed step for the record; never part of a refusal.
NOTES = frozenset({"not_configured"})
SPELLED: dict[str, type[StrEnum]] = {"role": Role, "activity": Activity, "deed": Deed, "channel": Channel}


def label(name: str, value: str, translate: Translate = str) -> str:
    """A parameter of a reason in words: document codes, roles, activities and guards are spelled out."""
    if name == "documents":
        return ", ".join(_spelled(Document, word, translate) for word in value.split())
    if name == "guard":
        return translate(GUARD_WORDS.get(value, value))
    if name in SPELLED:
        return _spelled(SPELLED[name], value, translate)
    return value or translate(UNNAMED.get(name, name))


def _spelled(words: type[StrEnum], value: str, translate: Translate) -> str:
    """A member in words, within a sentence; a value nobody knows stays as it is."""
    try:
        said = in_words(words(value))
    except ValueError:
        return value
    translated = translate(said)
    # Only English begins these words small within a sentence.
    if translated != said or said.split()[0].isupper():
        return translated
    return said[:1].lower() + said[1:]


def sentence(reason: Reason, translate: Translate = str, **names: str) -> str:
    """What, why and the way on: "Novastat is not authorised in Germany yet (R-021). Pass the question…".

    ``names`` replace the parameters stored with the reason, such as ``market="Germany"`` for ``DE``. An
    unknown code still says its rule.
    """
    what, on = _template(reason)
    words = {name: label(name, value, translate) for name, value in reason.params}
    said = translate(what).format_map(_Lenient({**words, **names}, translate))
    return f"{said[:1].upper()}{said[1:]} ({reason.rule}).{f' {translate(on)}' if on else ''}"


def way_on(reason: Reason, translate: Translate = str) -> str:
    """What the person can do now, as a sentence; empty if nothing."""
    on = _template(reason)[1]
    return translate(on) if on else ""


def _template(reason: Reason) -> tuple[str, str]:
    """What is said, and the way on. A failed guard says what is missing and who can mend it."""
    said = TEMPLATES.get(reason.code, UNKNOWN)
    if reason.code == "guard_failed":
        return GUARD_LACKS.get(dict(reason.params).get("guard", ""), said)
    return said


class _Lenient(dict[str, str]):
    """A name nobody gave is called something, rather than breaking the sentence that refuses."""

    def __init__(self, names: Mapping[str, str], translate: Translate) -> None:
        super().__init__(names)
        self.translate = translate

    def __missing__(self, name: str) -> str:
        return self.translate(UNNAMED.get(name, name))


class Refused(Exception):
    """Not allowed. ``decision`` holds why; ``str()`` says it in plain English with the way on.

    ``names`` replace parameters of the reasons in those words, such as the market's name for its code.
    """

    def __init__(self, decision: Decision, names: Mapping[str, str] | None = None) -> None:
        self.decision = decision
        self.names = dict(names or {})
        super().__init__(decision)

    def told(self, translate: Translate = str) -> tuple[str, ...]:
        """One sentence for each reason, each once, and the deviation as the way on where it is one."""
        said = dict.fromkeys(
            sentence(reason, translate, **self.names)
            for reason in self.decision.reasons
            if reason.code not in NOTES
        )
        deviation = translate(DEVIATION)
        if self.decision.kind is DecisionKind.DEVIATION and not any(deviation in told for told in said):
            said[deviation] = None
        return tuple(said) or (f"{translate(UNKNOWN[0])}.",)

    def __str__(self) -> str:
        return " ".join(self.told())
