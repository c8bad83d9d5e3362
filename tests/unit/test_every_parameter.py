"""Every number a market may set is read where something is decided: a setting that nothing reads is a false promise."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from compliance.policy.parameters import PARAMETERS

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "calendars", "compliance", "handovers", "imports", "interactions", "jobs", "kols", "msl_crm",
        "products", "reports", "reviews", "safety")  # fmt: skip
DEFINED = ROOT / "compliance/policy/parameters.py"

# What nothing reads yet, with what will.
AWAITED = {
    "PP-14 idle_lock_minutes": "the lock of an idle session",
    "PP-17 insight_group_size": "the release of insights",
    "PP-18 data_request_days": "requests of data subjects",
}


def sources() -> str:
    files = (path for app in APPS for path in (ROOT / app).rglob("*.py"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path != DEFINED)


def test_every_parameter_is_read_by_something():
    said = sources()
    # A family of numbers is read by its stem, with the grade filled in: "PP-23 triage_{grade}_business_days".
    unread = {name for name in PARAMETERS if name not in said and _stem(name) not in said}
    assert unread - set(AWAITED) == set(), "nothing reads this number"
    assert set(AWAITED) <= set(PARAMETERS)


def _stem(name: str) -> str:
    """What code says of a number that differs by grade."""
    for grade in ("critical", "major", "minor"):
        if f"_{grade}_" in name:
            return name.split(f"_{grade}_")[0] + "_{"
    return name
