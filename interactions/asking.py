"""Facts and the policy's answer in one go; an error of our own on the way is a refusal, never a permission (R-015)."""

from __future__ import annotations

import logging
from typing import Any

from django.db import OperationalError

from compliance import policy
from compliance.policy import Decision
from compliance.policy.rulings import decision, unknown
from interactions.facts import Gathered, gather

logger = logging.getLogger(__name__)


def judged(**facts: Any) -> tuple[Gathered | None, Decision]:
    """What `gather` finds, and what the policy says of it. Nothing is found where the facts cannot be read.

    The policy refuses by itself what it does not understand; this is for facts of the database that nobody
    has defined. Somebody who holds a lock for too long is no error of ours and told as such.
    """
    try:
        found = gather(**facts)
    except OperationalError:
        raise
    except Exception as error:
        logger.exception("the facts of an act could not be gathered")
        return None, decision(unknown("engine_error", error=type(error).__name__))
    return found, policy.decide(found.act)
