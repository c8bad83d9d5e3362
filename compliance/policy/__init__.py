"""The boundary: facts in, decision out. No clock, no database, no Django.

``from compliance import policy`` and ask ``policy.decide(act)``.
"""

from .facts import Act, Decision, MarketZone, Person, Reason, Topic, TopicDecision
from .words import (
    Activity,
    Audience,
    Basis,
    Channel,
    Column,
    DecisionKind,
    DeclineReason,
    Deed,
    Document,
    Duty,
    ExemptReason,
    HandoverState,
    Intent,
    Kind,
    Outcome,
    Role,
    Side,
    Standing,
    State,
    Subject,
    Zone,
    choices,
    in_words,
    side_of,
)
