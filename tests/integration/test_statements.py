"""What every page asks of the database, as literal numbers: the same with one row and with three.

A page that asks again for every row fails here, and so does one that asks one question more than yesterday:
then look whether it must, and write the new number down.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from compliance.actions import report_deviation
from compliance.policy import Act, Channel, Intent, Kind, Role, State
from handovers.actions import (
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    make_effective,
    open_due_handovers,
    prepare_handover,
)
from handovers.models import Handover
from interactions.actions import add_follow_up
from interactions.models import Attendee, Interaction, LastContact, Topic
from kols.actions import open_relation, register_kol, set_science
from kols.models import Committee, Seat
from products.actions import add_indication, add_use, propose_entry, register_product
from safety.actions import report_side_effect
from tests.integration.test_routes import FILL, routes

pytestmark = pytest.mark.django_db
PEOPLE = ("mara", "lena", "felix", "frieda", "petra", "clara", "rita", "sofia", "anton")
LEFT_OUT = ("logout", "/api/schema", "/accounts/", "/technical/", "healthz", "readyz")
DETAILS = {
    "kol": ["/kols/<id>/", "/kols/<id>/brief/", "/kols/<id>/network/"],
    "product": ["/products/<id>/"],
    "interaction": ["/interactions/<id>/"],
    "report": ["/safety/<id>/"],
    "deviation": ["/compliance/deviations/<id>/"],
    "handover": ["/handovers/<id>/"],
    "campaign": ["/handovers/campaigns/<id>/"],
}

# Each page, and how many statements it takes for whom. The session is one of them: outside of tests it comes
# from the cache.
EXPECTED = """
/  mara 13  petra 6  anton 4
/account/inactive/  mara 3  lena 3  felix 3  frieda 3  petra 3  clara 3  rita 3  sofia 3  anton 3
/account/mfa/  mara 7  lena 8  felix 7  frieda 10  petra 6  clara 6  rita 6  sofia 6  anton 6
/account/mfa/webauthn/  mara 6  lena 7  felix 6  frieda 9  petra 5  clara 5  rita 5  sofia 5  anton 5
/account/password/change/  mara 5  lena 6  felix 5  frieda 8  petra 4  clara 4  rita 4  sofia 4  anton 4
/account/password/reset/  mara 3  lena 3  felix 3  frieda 3  petra 3  clara 3  rita 3  sofia 3  anton 3
/account/password/reset/done/  mara 3  lena 3  felix 3  frieda 3  petra 3  clara 3  rita 3  sofia 3  anton 3
/account/password/reset/key/done/  mara 3  lena 3  felix 3  frieda 3  petra 3  clara 3  rita 3  sofia 3  anton 3
/account/reauthenticate/  mara 6  lena 6  felix 6  frieda 6  petra 6  clara 6  rita 6  sofia 6  anton 6
/account/sessions/  mara 6  lena 7  felix 6  frieda 9  petra 5  clara 5  rita 5  sofia 5  anton 5
/api/docs/  mara 3  lena 3  felix 3  frieda 3  petra 3  clara 3  rita 3  sofia 3  anton 3
/break-glass/  clara 5  anton 6
/calendar/  mara 13  lena 11  felix 10  frieda 13
/calendar/sharing/  mara 7  lena 8  felix 7  frieda 10
/certificates/  mara 6  lena 10  felix 6  frieda 12  clara 8
/compliance/  clara 14
/compliance/boundary/  mara 5  lena 6  felix 5  frieda 8  petra 4  clara 4  rita 4  sofia 4  anton 4
/compliance/deviations/  mara 8  lena 9  felix 8  frieda 11  petra 7  clara 7  rita 7  sofia 7  anton 7
/compliance/deviations/<id>/  felix 7  clara 8
/compliance/findings/  clara 6
/compliance/trail/  clara 7
/compliance/trail/export.csv  clara 6
/compliance/trail/print/  clara 6
/compliance/trail/verification/  clara 8
/covers/  lena 9  frieda 11
/device/  mara 5  lena 6  felix 5  frieda 8
/device/data/  mara 26  lena 11  felix 9  frieda 11
/device/key/  mara 3  lena 3  felix 3  frieda 3
/handovers/  mara 7  lena 9  frieda 10  clara 6
/handovers/<id>/  mara 10  lena 11  felix 7  frieda 10  clara 11
/handovers/assignments/  frieda 11
/handovers/campaigns/<id>/  mara 12  lena 13  frieda 12  clara 11
/handovers/account-requests/  lena 7  felix 7  frieda 10  clara 5
/handovers/inbox/  felix 8  frieda 12
/handovers/mine/  mara 8  lena 8
/imports/  mara 6  lena 7  clara 6  rita 6
/imports/authorisations/new/  rita 4
/imports/people/new/  mara 8  lena 9
/imports/records/  clara 5  rita 5
/compliance/rules/  clara 7  rita 7
/interactions/  mara 12  lena 7  felix 6  frieda 9  clara 11
/interactions/<id>/  mara 22  lena 20  clara 21
/interactions/export/  mara 11  lena 6  felix 5  frieda 6
/interactions/follow-ups/  mara 7  lena 8  felix 7  frieda 10
/interactions/may-i/  mara 6  lena 7  felix 6  frieda 9  clara 5
/interactions/kept-words/  clara 6
/interactions/joint/  clara 6
/interactions/left/  lena 7  frieda 9
/interactions/pre-approval/  mara 7  lena 8  felix 7  frieda 10  clara 6
/interactions/pre-approval/new/  mara 7  lena 8  felix 7  frieda 10
/interactions/mismatches/  clara 6
/interactions/companions/  mara 3  lena 3  felix 3  frieda 5
/interactions/new/  mara 7  lena 8  felix 7  frieda 10
/interactions/requests/  clara 8
/interactions/plan/  mara 6  lena 7  felix 6  frieda 9
/interactions/approvals/  lena 9  frieda 11  clara 7
/interactions/signing/  mara 20  lena 8  felix 7  frieda 10
/interactions/question/  felix 7  frieda 10
/jobs/  mara 6  lena 7  felix 6  frieda 9  petra 5  clara 5  rita 5  sofia 5  anton 5
/kols/  mara 9  lena 10  felix 7  frieda 10  clara 6  sofia 6
/kols/<id>/  mara 11  lena 12  felix 8  frieda 11  clara 11  sofia 5
/kols/<id>/brief/  mara 12  lena 13
/kols/<id>/network/  mara 7  lena 8  clara 7
/kols/export/  mara 8  lena 9  felix 7  frieda 9
/kols/new/  mara 8  lena 9
/manifest.webmanifest  mara 3  lena 3  felix 3  frieda 3  petra 3  clara 3  rita 3  sofia 3  anton 3
/notices/  mara 6  lena 7  felix 6  frieda 9  petra 5  clara 5  rita 5  sofia 5  anton 5
/organisation/  anton 10
/organisation/sign-in/  anton 5
/organisation/markets/new/  anton 4
/organisation/territories/new/  anton 6
/people/rights/  clara 12  anton 12
/people/rights/file.csv  clara 12  anton 12
/people/  anton 5
/people/new/  anton 4
/products/  mara 8  lena 9  felix 8  frieda 11  petra 7  clara 7  rita 7  sofia 7
/products/<id>/  mara 9  lena 10  petra 8  clara 9  rita 9  sofia 8
/products/materials/  mara 6  lena 7  felix 6  frieda 9  petra 5  clara 5  rita 5
/products/materials/new/  lena 8  petra 6  rita 6
/products/plan/  mara 6  lena 8
/products/new/  rita 4
/products/proposals/  clara 6  rita 6
/profile/  mara 8  lena 9  felix 8  frieda 11  petra 7  clara 7  rita 7  sofia 7  anton 7
/reports/rehearsal/  lena 7  clara 5
/reports/territory/  lena 13
/reports/topics/  lena 8
/safety/  mara 6  lena 7  felix 6  frieda 9  petra 5  clara 5  rita 5  sofia 5  anton 5
/safety/<id>/  mara 8  clara 8  sofia 7
/safety/desks/  sofia 6  anton 6
/safety/reconciliation/  clara 5  sofia 6
/safety/told-in-passing/  clara 6  sofia 6
/safety/new/  mara 5  lena 6  felix 5  frieda 8  petra 4  clara 4  rita 4  sofia 4  anton 4
/reviews/  clara 8
/reviews/observations/  clara 7
/reviews/questions/  clara 4
/reviews/questions/1/  clara 9
/reviews/trends/  clara 8
/sw.js  mara 3  lena 3  felix 3  frieda 3  petra 3  clara 3  rita 3  sofia 3  anton 3
/search/  mara 5  lena 6  felix 5  frieda 8  petra 4  clara 4  rita 4  sofia 4  anton 4
/search/hits/  mara 3  lena 3  felix 3  frieda 3  petra 3  clara 3  rita 3  sofia 3  anton 3
/search/index/  mara 7  lena 8  felix 6  frieda 8  petra 4  clara 5  rita 4  sofia 5  anton 4
"""


@pytest.fixture
def stage(company, novastat, novastat_hf, relation, keller, hospital, authorise, client_of, statements):
    return SimpleNamespace(**locals())


def grow(stage: SimpleNamespace, more: int) -> None:
    """So many further experts of Mara's, each met, followed up, reported about and handed over; and products."""
    people, made = stage.company, []
    for _ in range(more):
        name = uuid4().hex[:8].title()
        with acting_as(people.mara, at=datetime.now(UTC) - timedelta(days=20)):
            kol = register_kol(
                by=people.mara, family_name=name, main_market=people.germany, institution=stage.hospital
            )
            set_science(kol, tier=1, rationale="Author", interests=["Fibrosis"], goals="", by=people.mara)
            made.append(open_relation(kol, stage.novastat_hf, by=people.mara))
        _meet(stage, kol, name)
        _tell_everybody(stage, name)
        _develop(stage, name)
    open_due_handovers()
    for relation in made:
        _hand_over(stage, relation)


def _meet(stage: SimpleNamespace, kol: Any, name: str) -> None:
    people = stage.company
    with acting_as(people.mara):
        panel = Committee.objects.create(name=f"Panel {name}", kind="Guideline")
        Seat.objects.create(committee=panel, kol=kol, role="Chair", during=DateTimeTZRange(now(), None))
        for days, status in ((3, "DRAFT"), (-3, "PLANNED")):
            at = now() - timedelta(days=days)
            visit = Interaction.objects.create(
                author=people.mara, author_role="MSL", author_side="MEDICAL", compartment="MEDICAL", kind="VISIT",
                channel="IN_PERSON", status=status, market=people.germany, starts_at=at,
                ends_at=at + timedelta(minutes=30), zone="Europe/Berlin", note=name, side_effect=False,
                recorded_at=now(), updated_at=now(),
            )  # fmt: skip
            Attendee.objects.create(interaction=visit, kol=kol, main=True)
            Topic.objects.create(
                interaction=visit,
                subject="USE",
                use=stage.novastat_hf,
                basis="UNSOLICITED_REQUEST",
                zone="PRE",
            )
            if status == "DRAFT":
                LastContact.objects.create(kol=kol, at=at, interaction=visit)
                add_follow_up(
                    interaction=visit,
                    what=f"Send {name}",
                    due_on=now().date(),
                    promised=True,
                    kol=kol,
                    market=people.germany,
                    by=people.mara,
                )
                stage.visit = visit
        stage.report = report_side_effect(
            what_happened=f"Dizzy {name}",
            product_words="Novastat",
            market=people.germany,
            by=people.mara,
        )
    stage.kol = kol


def _tell_everybody(stage: SimpleNamespace, name: str) -> None:
    people = stage.company
    with acting_as(people.felix):
        act = Act(role=Role.FIELD_SERVICE, intent=Intent.RECORD, kind=Kind.VISIT, channel=Channel.PHONE,
                  starts_at=now(), recorded_at=now(), market="DE")  # fmt: skip
        stage.deviation = report_deviation(act, f"Spoke of {name}", happened_at=now(), by=people.felix)


def _develop(stage: SimpleNamespace, name: str) -> None:
    people = stage.company
    with acting_as(people.rita):
        product = register_product(
            brand=name, inn=f"{name}in", code_names=[], atc="", holder="", by=people.rita
        )
        indication = add_indication(product, name="Asthma", label="Adults", area=None, by=people.rita)
        use = add_use(indication, people.germany, by=people.rita)
        propose_entry(use, State.SUBMITTED, effective_at=now(), evidence="Letter", by=people.rita)
        product.managers.add(people.petra)
    stage.product = product


def _hand_over(stage: SimpleNamespace, relation: Any) -> None:
    people = stage.company
    with acting_as(system("look")):
        item = Handover.objects.get(relation=relation)
    with acting_as(people.mara):
        item = prepare_handover(
            item, by=people.mara, signature=Signature(people.mara, "password"), previewed=True
        )
    with acting_as(people.frieda):
        item = assign_handover(item, recipient=people.felix, by=people.frieda)
    stage.handover = item
    with acting_as(people.felix):
        item = accept_handover(item, by=people.felix)
    with acting_as(people.lena):
        approve_handover(
            item, by=people.lena, signature=Signature(people.lena, "password"), effective_at=now()
        )
    make_effective()


def measured(stage: SimpleNamespace) -> dict[str, int]:
    """Every page without arguments, and the details of what stands last, by who looks and where."""
    found: dict[str, int] = {}
    details = {"kol": stage.kol, "product": stage.product, "interaction": stage.visit, "report": stage.report,
               "deviation": stage.deviation, "handover": stage.handover, "campaign": stage.handover.campaign}  # fmt: skip
    for who in PEOPLE:
        client = stage.client_of(getattr(stage.company, who))
        for path in routes():
            if FILL["uuid"] in path or any(word in path for word in LEFT_OUT):
                continue
            _ask(stage, client, found, who, path, path)
        for name, one in details.items():
            for pattern in DETAILS[name]:
                _ask(stage, client, found, who, pattern, pattern.replace("<id>", str(one.pk)))
    return found


def _ask(stage: SimpleNamespace, client: Any, found: dict[str, int], who: str, name: str, path: str) -> None:
    client.get(path)
    with stage.statements() as asked:
        answer = client.get(path)
        if answer.streaming:
            b"".join(answer.streaming_content)
    if answer.status_code == 200:
        found[f"{who} {name}"] = len(asked)


def test_pages_ask_the_same_of_the_database_for_one_row_and_for_three(stage):
    stage.authorise(stage.novastat_hf)
    grow(stage, 1)
    one = measured(stage)
    grow(stage, 2)
    three = measured(stage)

    assert different(one, expected()) == {}
    assert different(one, three) == {}


def different(one: dict[str, int], other: dict[str, int]) -> dict[str, tuple[int | None, int | None]]:
    pages = sorted(one.keys() | other.keys())
    return {page: (one.get(page), other.get(page)) for page in pages if one.get(page) != other.get(page)}


def expected() -> dict[str, int]:
    """The table above, by person and page."""
    found: dict[str, int] = {}
    for line in EXPECTED.strip().splitlines():
        page, *cells = line.split()
        found |= {f"{who} {page}": int(n) for who, n in zip(cells[::2], cells[1::2], strict=True)}
    return found
