"""A question to field service that is Medical's to answer (R-031)."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import User
from accounts.notices import tell
from accounts.people import custodian_of
from compliance import audit
from compliance.policy import Basis, Document, Side, Subject
from interactions.actions.log import log_interaction
from interactions.facts import Event, Present, Spoken
from interactions.models import Compartment, FollowUp, Interaction
from kols.models import KOL, Ownership
from products.models import Use

ANSWER_WITHIN_BUSINESS_DAYS = 2


@audit.action
def refer_question(
    *, by: User, kol: KOL, question: str, event: Event, use: Use | None = None, words_reason: str = ""
) -> Interaction:
    """Pass a doctor's question on to Medical, in his words, without answering it.

    The record stays with field service. Whoever is responsible in Medical finds the question among her
    own follow-ups; the one who asks learns nothing of that (decision 12).
    """
    topic = Spoken(
        subject=Subject.USE if use else Subject.ADMIN,
        use=use,
        basis=Basis.UNSOLICITED_REQUEST,
        heard=question,
        documents={Document.REQ: {"question": question, "asked_at": event.starts_at}},
    )
    people: Sequence[Present] = (Present(kol=kol, main=True),)
    record = log_interaction(by=by, event=event, topics=(topic,), people=people, side_effect=False,
                             words_reason=words_reason)  # fmt: skip
    with acting_as(system("pass a question to Medical", by=by)):
        medical = _responsible(kol, event, use)
        if medical is not None:
            market = event.market
            task = FollowUp.objects.create(
                owner=medical,
                kol=kol,
                compartment=Compartment.MEDICAL,
                what=f"Question passed on by field service: {question}"[:300],
                due_on=market.business_days_after(market.local_day(now()), ANSWER_WITHIN_BUSINESS_DAYS),
                market=market,
                created_at=now(),
            )
            tell(
                medical,
                "question_referred",
                f"question {record.pk}",
                url=reverse("interactions:follow_ups"),
                urgent=True,
                task=task.pk,
            )
    return record


def _responsible(kol: KOL, event: Event, use: Use | None) -> User | None:
    """The MSL who answers to this expert, for that use if one is named; else the market's custodian."""
    owners = Ownership.objects.current(now()).filter(
        side=Side.MEDICAL, relation__kol=kol, relation__use__market=event.market
    )
    same = owners.filter(relation__use=use) if use else owners
    held = same.first() or owners.select_related("owner").order_by("during").first()
    return held.owner if held else custodian_of(event.market)
