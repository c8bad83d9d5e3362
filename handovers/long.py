"""A step taken with many handovers: more than a page may wait for become a job of their owner (F5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import ngettext_lazy

from accounts.models import User
from handovers import actions, board
from handovers.models import Handover
from jobs.actions import begin_job
from jobs.models import Job
from jobs.work import Batch, kind

AT_ONCE = 25
"""Up to so many are done while the page waits."""
IN_A_BATCH = 20
STEPS: dict[str, tuple[Callable[..., Any], Any]] = {
    "T-02": (actions.prepare_handover, ngettext_lazy("Preparing %d handover", "Preparing %d handovers")),
    "T-04": (actions.accept_handover, ngettext_lazy("Accepting %d account", "Accepting %d accounts")),
    "T-05": (actions.approve_handover, ngettext_lazy("Approving %d handover", "Approving %d handovers")),
}


def begin(
    items: Sequence[actions.Item], *, by: User, batch: UUID, transition: str, signed: str, next_url: str,
    arguments: dict[str, Any],
) -> Job:  # fmt: skip
    """Put the step into the queue. Signed once for all; the same batch twice is the same job."""
    _step, title = STEPS[transition]
    facts = {
        "items": [[str(item.handover.pk), item.version] for item in items],
        "transition": transition,
        "batch": str(batch),
        "signed": signed,
        "manifest": actions.manifest_for(items),
        "arguments": arguments,
        "next_url": next_url,
    }
    return begin_job(
        by=by, kind="handovers", key=f"handovers {batch}", title=str(title % len(items)), facts=facts,
        total=len(items),
    )  # fmt: skip


@kind("handovers")
def next_batch(job: Job, owner: User) -> Batch:
    """The next twenty, each in its savepoint; what is refused is told by name and stops nothing."""
    facts, at = job.facts, job.cursor or 0
    step, _title = STEPS[facts["transition"]]
    wanted = dict(facts["items"][at : at + IN_A_BATCH])
    rows = (
        Handover.objects.visible_to(owner)
        .filter(pk__in=wanted)
        .select_related(*board.WITH_NAMES)
        .prefetch_related("relation__kol__practices__market")
    )
    outcomes = actions.run_batch(
        step, [actions.Item(row, wanted[str(row.pk)]) for row in rows], by=owner, batch_id=UUID(facts["batch"]),
        transition=facts["transition"], signed=facts["signed"], manifest=facts["manifest"], **facts["arguments"],
    )  # fmt: skip
    done = sum(one.result in (actions.Result.DONE, actions.Result.ALREADY) for one in outcomes)
    following = at + IN_A_BATCH
    return Batch(
        done=done,
        failed=len(wanted) - done,
        cursor=following if following < len(facts["items"]) else None,
        problems=[f"{one.handover.relation.kol}: {one.words}" for one in outcomes if one.words],
    )
