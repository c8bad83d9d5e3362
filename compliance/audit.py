"""The only way to write the trail.

`action` wraps every public action: it runs in a savepoint, and when the policy refuses, the attempt is
written after the rollback, in the transaction that commits (decision 32). `uphold` lets an allowed act
pass and raises `Refused` otherwise. `record` writes one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from accounts.acting import current
from compliance import policy
from compliance.policy import Act, Decision, Deed, Refused, rulings
from compliance.policy.deeds import SYSTEM

if TYPE_CHECKING:
    from accounts.models import User

P = ParamSpec("P")
R = TypeVar("R")

_inside: ContextVar[bool] = ContextVar("inside an action", default=False)

# The database adds who acts and when: the web role may call this and has no other way to write an entry.
_WRITE = "SELECT crm_write_trail(%s::jsonb)"
AT_ONCE = 500


def record(
    verb: str,
    subject: models.Model | None = None,
    *,
    by: User | None,
    words: str = "",
    market: str = "",
    act: Act | None = None,
    decision: Decision | None = None,
    refused: bool = False,
    **facts: Any,
) -> None:
    """Write that `by` (None: the product itself) has `verb`ed the subject. Verbs are in the past tense.

    Part of the transaction of its cause: no cause, no entry, and the reverse.
    """
    row = _row(
        verb, subject, by=by, words=words, market=market, act=act, decision=decision, refused=refused, **facts
    )
    _write([row])


def record_all(sentences: Sequence[dict[str, Any]]) -> None:
    """Many sentences, each as `record` takes it by name, in a few statements and in this order."""
    rows = [_row(**sentence) for sentence in sentences]
    for start in range(0, len(rows), AT_ONCE):
        _write(rows[start : start + AT_ONCE])


def searched(by: User, words: str, where: str) -> None:
    """That somebody looked for people, and by which words (rulebook 4.1). Oversight alone reads it."""
    if words:
        record("searched for people", by=by, where=where, sought=words.replace("\x00", "")[:80])


def _write(rows: list[dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [json.dumps(rows, cls=DjangoJSONEncoder)])


def _row(
    verb: str,
    subject: models.Model | None = None,
    *,
    by: User | None,
    words: str = "",
    market: str = "",
    act: Act | None = None,
    decision: Decision | None = None,
    refused: bool = False,
    **facts: Any,
) -> dict[str, Any]:
    return {
        "actor_name": (by.name if by else current().actor)[:200],
        "actor_role": str(by.role if by else current().role or ""),
        "verb": verb[:60],
        "refused": refused,
        "subject_type": subject._meta.label if subject is not None else "",
        "subject_id": subject.pk if subject is not None else None,
        "subject_words": (words or str(subject or ""))[:300],
        "market_code": market,
        "facts": facts,
        "act": act.to_json() if act else None,
        "decision": decision.to_json() if decision else None,
        "rules": list(decision.rules) if decision else [],
        "policy_version": policy.VERSION if decision else "",
    }


def uphold(decision: Decision, *, verb: str, on: models.Model | None, by: User | None, act: Act | None = None,
           words: str = "", market: str = "") -> Decision:  # fmt: skip
    """Let an allowed act pass, or raise `Refused` carrying what the trail will say of the attempt."""
    if decision.allowed:
        return decision
    refusal = Refused(decision)
    refusal.attempt = {"verb": verb, "subject": on, "by": by, "act": act, "words": words, "market": market}  # type: ignore[attr-defined]
    raise refusal


def permit(deed: Deed, *, on: models.Model | None, by: User | None, words: str = "") -> Decision:
    """Let `by` do an administrative deed, or raise `Refused`. None is the product itself."""
    role = by.role if by is not None else SYSTEM
    return uphold(policy.may(role, deed), verb=f"was refused to {_words(deed)}", on=on, by=by, words=words)


def refuse(
    rule: str, code: str, *, verb: str, on: models.Model | None, by: User | None, **params: str
) -> NoReturn:
    """Raise `Refused` for a rule that an action checks on the facts it locked."""
    uphold(rulings.decision(rulings.denied(rule, code, **params)), verb=verb, on=on, by=by)
    raise AssertionError("a denial is never upheld")


def _words(deed: Deed) -> str:
    return str(deed).replace("_", " ")


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function an action: all of it happens or nothing, and a refusal leaves its line in the trail."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        outermost = not _inside.get()
        token = _inside.set(True)
        try:
            with transaction.atomic():
                return function(*args, **kwargs)
        except Refused as refusal:
            attempt = refusal.__dict__.get("attempt")
            # Written by the outermost action alone: what an inner one wrote would be rolled back with the rest.
            if attempt is not None and outermost:
                del refusal.__dict__["attempt"]
                record(
                    attempt["verb"],
                    attempt["subject"] if _exists(attempt["subject"]) else None,
                    by=attempt["by"],
                    words=attempt["words"] or str(attempt["subject"] or ""),
                    market=attempt["market"],
                    act=attempt["act"],
                    decision=refusal.decision,
                    refused=True,
                )
            raise
        finally:
            _inside.reset(token)

    return run


def _exists(subject: models.Model | None) -> bool:
    return subject is not None and not subject._state.adding
