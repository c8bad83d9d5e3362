"""The boundary: facts in, decision out. No clock, no database, no Django.

``from compliance import policy`` and ask ``policy.decide(act)``.
"""

from . import handover, lifecycle, zones
from .decide import VERSION, decide
from .deeds import may
from .explain import Refused, label, sentence, way_on
from .facts import Act, Decision, MarketZone, Person, Reason, Topic, TopicDecision
from .lifecycle import may_follow
from .matrix import MATRIX, activity_of
from .panel import Option, Panel, options
from .rulings import strictest
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
from .zones import LifecyclePoint, derive_zone, local_day, strictest_zone, zone_of, zone_of_day, zones_during

__all__ = [
    "MATRIX",
    "VERSION",
    "Act",
    "Activity",
    "Audience",
    "Basis",
    "Channel",
    "Column",
    "Decision",
    "DecisionKind",
    "DeclineReason",
    "Deed",
    "Document",
    "Duty",
    "ExemptReason",
    "HandoverState",
    "Intent",
    "Kind",
    "LifecyclePoint",
    "MarketZone",
    "Option",
    "Outcome",
    "Panel",
    "Person",
    "Reason",
    "Refused",
    "Role",
    "Side",
    "Standing",
    "State",
    "Subject",
    "Topic",
    "TopicDecision",
    "Zone",
    "activity_of",
    "choices",
    "decide",
    "derive_zone",
    "handover",
    "in_words",
    "label",
    "lifecycle",
    "local_day",
    "may",
    "may_follow",
    "options",
    "sentence",
    "side_of",
    "strictest",
    "strictest_zone",
    "way_on",
    "zone_of",
    "zone_of_day",
    "zones",
    "zones_during",
]
