"""Checking the whole trail: by a command, each night, and as a job of Compliance. The result is an event itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.acting import acting_as, now, system
from accounts.models import User
from accounts.notices import tell_all
from compliance import audit, chain
from compliance.models import AuditEntry
from compliance.policy import Deed, Role
from compliance.verifier.verify_trail import Trail
from jobs.actions import begin_job
from jobs.models import Job
from jobs.work import Batch, kind

VERB = "verified the trail"
PAGE = "/compliance/trail/verification/"
AT_ONCE = 10_000
KEPT = ("count", "head", "first_at", "last_at", "anchored", "erased", "problems", "neighbours")


def own_anchors() -> list[str]:
    """The anchors this installation has written to places it can read itself."""
    paths = [Path(settings.AUDIT_ANCHOR_FILE)] if settings.AUDIT_ANCHOR_FILE else []
    if settings.AUDIT_ANCHOR_FOLDER:
        paths += sorted(Path(settings.AUDIT_ANCHOR_FOLDER).glob("anchors-*.jsonl"))
    lines: list[str] = []
    for path in paths:
        if path.is_file():
            lines += path.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines


def verify(anchors: Iterable[str], *, why: str, told: Any = lambda done, total: None) -> dict[str, Any]:
    """Check everything there is, note the result in the trail, and tell Compliance if it is broken."""
    with acting_as(system("verify the trail")):
        trail = Trail()
        # Before the head is looked up: whatever was anchored by now must be there.
        trail.expect(anchors, settings.AUDIT_ANCHOR_KEY.encode())
        result = chain.check(trail, told=told).result()
        note(result, by=None, why=why)
        return result


def note(result: dict[str, Any], *, by: User | None, why: str) -> None:
    """The result is an entry of the trail; a broken chain is told to everybody in Compliance at once."""
    facts = {
        name: result[name]
        for name in ("unbroken", "count", "head", "first_at", "last_at", "anchored", "erased")
    }
    audit.record(VERB, by=by, why=why, problem_count=result["problem_count"], problems=result["problems"][:5],
                 neighbours=result["neighbours"], **facts)  # fmt: skip
    if result["unbroken"]:
        return
    officers = User.objects.filter(
        is_active=True, appointments__role=Role.COMPLIANCE, appointments__during__contains=now()
    ).distinct()
    key = f"trail {result['head']} {now():%Y-%m-%d}"
    tell_all([(one, "trail_broken", key, PAGE, {}) for one in officers], urgent=True)


def last_result() -> AuditEntry | None:
    return AuditEntry.objects.filter(verb=VERB).order_by("-sequence").first()


# As a job ------------------------------------------------------------------------------------------


@audit.action
def begin_verification(*, by: User, key: str) -> Job:
    """Check the chain as far as it is now, with progress, and so that it can be stopped."""
    audit.permit(Deed.EXPORT_TRAIL, on=None, by=by)
    total = chain.head()
    return begin_job(
        by=by, kind="verify", key=f"verify {key}"[:100], title=_("Checking the trail"), total=total,
        facts={"total": total, "next_url": PAGE},
    )  # fmt: skip


@kind("verify")
def next_batch(job: Job, owner: User) -> Batch:
    """The next ten thousand seals, from where the last batch ended."""
    audit.permit(Deed.EXPORT_TRAIL, on=None, by=owner)
    anchors, total = own_anchors(), job.facts["total"]
    trail = _resumed(job.cursor)
    begun = trail.count
    trail.expect(anchors, settings.AUDIT_ANCHOR_KEY.encode())
    ahead = {number: known for number, known in trail.anchors.items() if number > begun}
    until = min(begun + AT_ONCE, total)
    trail.anchors = {number: known for number, known in ahead.items() if number <= until}
    for one in chain.seals(begun + 1, until):
        trail.seal(one)
    if until < total:
        return Batch(done=until - begun, cursor=_kept(trail))
    _finish(trail, ahead)
    result = trail.result()
    note(result, by=owner, why="asked for")
    return Batch(done=until - begun, problems=[f"{number}: {what}" for number, what in result["problems"]])


def _finish(trail: Trail, ahead: dict[int, set[str]]) -> None:
    """What the chain does not hold, and what was anchored beyond its end."""
    for letter, last in chain.last_keys().items():
        if found := chain.strays(letter, 1, last):
            trail.problems.append((trail.count, f"{found} rows of kind {letter} were never sealed"))
    head = chain.head()
    trail.anchors |= {number: known for number, known in ahead.items() if number > head}
    trail.close()


def _resumed(cursor: dict[str, Any] | None) -> Trail:
    trail = Trail()
    if cursor is not None:
        for name in KEPT:
            setattr(trail, name, cursor[name])
        trail.problems = [(number, what) for number, what in cursor["problems"]]
        trail.missing = set(cursor["missing"])
    return trail


def _kept(trail: Trail) -> dict[str, Any]:
    return {name: getattr(trail, name) for name in KEPT} | {"missing": sorted(trail.missing)}
