"""The one question of the boundary: may this be done?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from .facts import Act, Decision
from .families import FAMILIES
from .rulings import Ruling, decision, fine, strictest, unknown
from .topics import judge, part
from .version import version
from .words import Channel, Intent, Kind, Role


def decide(act: Act) -> Decision:
    """Judge an act by the strictest of everything that applies to it, as of event time.

    The matrix judges each topic in each market, at each moment, before each audience; the families add
    what holds for the act as a whole. Whatever is unknown is refused and named (R-015), an error of our
    own included. A report of an adverse event is never refused (R-036).
    """
    if act.kind == Kind.ADVERSE_EVENT:
        return decision(fine("R-036"))
    strange = tuple(_strange(act))
    if strange:
        return decision(strictest(strange))
    try:
        return _join(act)
    except Exception as error:  # an engine error is a refusal, never a permission
        return decision(unknown("engine_error", error=type(error).__name__))


def _strange(act: Act) -> Iterator[Ruling]:
    """R-015: words of the act itself that nobody has defined."""
    for what, words in (("role", Role), ("intent", Intent), ("kind", Kind), ("channel", Channel)):
        word = getattr(act, what)
        if not isinstance(word, words):
            yield unknown("unknown_word", what=what, word=str(word))


def _join(act: Act) -> Decision:
    topics = [judge(act, topic) for topic in act.topics]
    joint = strictest((*topics, *(ruling for family in FAMILIES for ruling in family(act))))
    parts = tuple(map(partial(part, act), act.topics, topics))
    return replace(decision(joint, act.intent), per_topic=parts)


VERSION: str = version()
