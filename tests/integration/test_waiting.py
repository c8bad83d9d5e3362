"""Time as a tell: field service does not wait for Medical's records, and asks no more because there are many."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from random import Random
from threading import Event as Flag
from typing import Any

import pytest
from django.db import connection

from accounts.acting import acting_as, now, system
from compliance.policy import Basis, Channel, Kind, Subject
from handovers.actions import (
    Signature,
    accept_handover,
    assign_handover,
    open_due_handovers,
    prepare_handover,
)
from handovers.models import Handover
from interactions.actions import add_follow_up, log_interaction
from interactions.facts import Event, Present, Spoken
from kols.actions import open_matter, set_science
from kols.models import OpenMatter
from safety.actions import report_side_effect
from tests.integration.medical_weeks import WEEK

pytest_plugins = ["tests.integration.kol_stage"]
SOON = "SET lock_timeout = '700ms'"


def log(by: Any, kol: Any, use: Any, kind: Kind, **facts: Any) -> Any:
    at = now() - timedelta(seconds=1)
    return log_interaction(
        by=by, event=Event(kind=kind, channel=Channel.PHONE, starts_at=at, ends_at=at, market=use.market),
        topics=[Spoken(subject=Subject.USE, use=use, **facts)], people=[Present(kol=kol, main=True)], side_effect=False,
    )  # fmt: skip


def while_open(person: Any, doing: Callable[[], Any], then: Callable[[], Any]) -> Any:
    """What `then` gives while the person has done something and has not committed it."""
    done, go_on = Flag(), Flag()

    def hold() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE crm_web")
            with acting_as(person):
                doing()
                done.set()
                assert go_on.wait(30)
        finally:
            done.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(hold)
        assert done.wait(30)
        try:
            with connection.cursor() as cursor:
                cursor.execute(SOON)
            return then()
        finally:
            go_on.set()
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
            running.result(timeout=30)


@pytest.mark.django_db(transaction=True)
def test_field_service_does_not_wait_while_medical_writes(
    handed_over, keller, novastat_hf, company, client_of
):
    """Mara logs, notes and plans about the same expert and the same use, and has not committed."""
    mara, felix, germany = company.mara, company.felix, company.germany

    def medical() -> None:
        log(mara, keller, novastat_hf, Kind.VISIT, basis=Basis.UNSOLICITED_REQUEST)
        set_science(keller, tier=2, rationale="Quokka", interests=[], goals="", by=mara)
        add_follow_up(by=mara, what="Paper", due_on=date(2030, 1, 1), market=germany, kol=keller)
        open_matter(handed_over, OpenMatter.Kind.INQUIRY, person=mara, source=keller.pk)

    def commercial() -> list[int]:
        with acting_as(felix):
            log(felix, keller, novastat_hf, Kind.INQUIRY)
            add_follow_up(by=felix, what="Label", due_on=date(2030, 1, 1), market=germany, kol=keller)
            report_side_effect(
                by=felix, kol=keller, product=novastat_hf.indication.product, what_happened="Rash"
            )
        browser = client_of(felix)
        return [
            browser.get(path).status_code for path in ("/kols/", f"/kols/{keller.pk}/", "/api/interactions/")
        ]

    assert while_open(mara, medical, commercial) == [200, 200, 200]


@pytest.mark.django_db(transaction=True)
def test_a_rep_accepts_without_waiting_for_a_visit_of_medicals(
    relation, keller, novastat_hf, company, authorise
):
    """The step locks the use, and no record of a visit does."""
    mara, felix, frieda = company.mara, company.felix, company.frieda
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        row = Handover.objects.get(relation=relation)
    with acting_as(mara):
        row = prepare_handover(row, by=mara, signature=Signature(mara, "password"), previewed=True)
    with acting_as(frieda):
        row = assign_handover(row, recipient=felix, by=frieda)

    def accept() -> str:
        with acting_as(felix):
            return str(accept_handover(row, by=felix).state)

    def medical() -> None:
        log(mara, keller, novastat_hf, Kind.VISIT, basis=Basis.UNSOLICITED_REQUEST)

    assert while_open(mara, medical, accept) == "ACCEPTED"


@pytest.mark.django_db
def test_medicals_many_records_make_field_service_ask_no_more(
    handed_over, keller, novastat_hf, company, client_of, statements
):
    """The same statements, with the same text, however much Medical has written about the same expert."""
    company.keller, company.use, company.other, company.pre = keller, novastat_hf, novastat_hf, novastat_hf
    company.client_ref = None
    paths = (
        "/kols/",
        f"/kols/{keller.pk}/",
        "/interactions/",
        "/handovers/inbox/",
        "/products/",
        "/api/kols/",
        "/api/interactions/",
    )
    browsers = {name: client_of(getattr(company, name)) for name in ("felix", "frieda")}

    def asked() -> dict[tuple[str, str], list[str]]:
        found = {}
        for name, browser in browsers.items():
            for path in paths:
                with statements() as said:
                    browser.get(path)
                found[name, path] = [
                    sql.partition(" WHERE ")[0] for sql in said if "django_session" not in sql
                ]
        return found

    asked()
    before = asked()
    for _ in range(3):
        for name in (
            "a_visit_is_logged",
            "something_is_to_do",
            "science_is_noted",
            "a_side_effect_is_reported",
        ):
            WEEK[name](company, Random(1))
    assert asked() == before
