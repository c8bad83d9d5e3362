"""What may be discussed: two people of Regulatory decide it, and everybody sees what is theirs to see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acting import acting_as, system
from compliance.models import AuditEntry
from compliance.policy import Refused, State, Zone
from handovers.actions import countersign_and_enact, enact_entry, open_due_handovers, split_use
from handovers.models import Handover
from kols.models import Ownership
from products.actions import expect_decision, propose_entry, reject_entry, void_entry
from products.models import LifecycleEntry, Product, Use

pytestmark = pytest.mark.django_db

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def propose(use, state, by, at=YESTERDAY):
    with acting_as(by):
        return propose_entry(use, state, effective_at=at, evidence="Decision 1", by=by)


def test_a_proposal_opens_nothing(novastat_hf, rita):
    propose(novastat_hf, State.AUTHORISED, rita)

    with acting_as(rita):
        assert novastat_hf.zone(datetime.now(UTC)) is Zone.PRE


def test_the_second_person_opens_the_use_from_its_instant_to_the_second(novastat_hf, rita, ralf):
    at = YESTERDAY.replace(microsecond=0)
    entry = propose(novastat_hf, State.AUTHORISED, rita, at)

    with acting_as(ralf):
        enact_entry(entry, by=ralf)
        zones = [novastat_hf.zone(at + timedelta(seconds=s)) for s in (-1, 0, 1)]
        opened = [Use.objects.open(at + timedelta(seconds=s)).count() for s in (-1, 0, 1)]

    assert zones == [Zone.PRE, Zone.OPEN, Zone.OPEN]
    assert opened == [0, 1, 1]


def test_nobody_confirms_her_own_proposal(novastat_hf, rita):
    entry = propose(novastat_hf, State.AUTHORISED, rita)

    with acting_as(rita), pytest.raises(Refused) as refusal:
        enact_entry(entry, by=rita)

    assert refusal.value.decision.rules == ("R-007",)
    with acting_as(system("look")):
        assert AuditEntry.objects.filter(refused=True, actor=str(rita.pk)).count() == 1


def test_only_regulatory_proposes(novastat_hf, mara, felix, anton):
    for person in (mara, felix, anton):
        with acting_as(person), pytest.raises(Refused):
            propose_entry(novastat_hf, State.AUTHORISED, effective_at=YESTERDAY, evidence="x", by=person)

    with acting_as(system("look")):
        assert LifecycleEntry.objects.count() == 1


def test_an_embargo_keeps_an_authorised_use_closed_to_promotion(novastat_hf, authorise, rita):
    later = datetime.now(UTC) + timedelta(days=3)
    authorise(novastat_hf, promotable_from=later)

    with acting_as(rita):
        assert novastat_hf.zone(datetime.now(UTC)) is Zone.PRE
        assert novastat_hf.zone(later) is Zone.OPEN


def test_a_target_date_opens_nothing(novastat_hf, rita):
    with acting_as(rita):
        expect_decision(
            novastat_hf, on=(YESTERDAY - timedelta(days=9)).date(), source="Press release", by=rita
        )

        assert novastat_hf.zone(datetime.now(UTC)) is Zone.PRE


def test_a_state_that_may_not_follow_is_refused_in_words(novastat_hf, rita, ralf):
    entry = propose(novastat_hf, State.SUSPENDED, rita)

    with (
        acting_as(ralf),
        pytest.raises(Refused, match=r"(?i)suspended may not follow submitted"),
    ):
        enact_entry(entry, by=ralf)


def test_a_confirmed_entry_is_never_edited_by_any_statement(novastat_hf, authorise):
    entry = authorise(novastat_hf)

    with acting_as(system("test")), pytest.raises(IntegrityError, match="never edited"), transaction.atomic():
        LifecycleEntry.objects.filter(pk=entry.pk).update(effective_at=YESTERDAY)


def test_a_mistake_is_voided_by_three_people_and_stays_visible(novastat_hf, authorise, rita, ralf, clara):
    entry = authorise(novastat_hf)
    with acting_as(rita):
        voiding = void_entry(entry, evidence="Wrong file", by=rita)
    with acting_as(ralf):
        enact_entry(voiding, by=ralf)
        assert novastat_hf.zone(datetime.now(UTC)) is Zone.OPEN
    with acting_as(clara):
        countersign_and_enact(voiding, by=clara)

        assert novastat_hf.zone(datetime.now(UTC)) is Zone.PRE
        assert LifecycleEntry.objects.filter(pk=entry.pk).exists()


def test_a_rejected_proposal_cannot_be_confirmed_afterwards(novastat_hf, rita, ralf):
    entry = propose(novastat_hf, State.AUTHORISED, rita)
    with acting_as(ralf):
        reject_entry(entry, reason="Other product", by=ralf)
        with pytest.raises(Refused):
            enact_entry(entry, by=ralf)


def test_the_pages_walk_from_proposal_to_confirmation(client_of, novastat_hf, rita, ralf):
    regulatory, colleague = client_of(rita), client_of(ralf)
    form = {"state": "AUTHORISED", "effective_on": str(YESTERDAY.date()), "evidence": "EC decision 77"}

    proposed = regulatory.post(reverse("products:entry_new", args=[novastat_hf.pk]), form)
    own = regulatory.get(proposed.url)
    seen = colleague.get(proposed.url)
    entry = LifecycleEntry.objects.exclude(state=State.SUBMITTED).get()
    confirmed = colleague.post(reverse("products:confirmation", args=[entry.pk]), follow=True)

    assert (own.status_code, seen.status_code, confirmed.status_code) == (200, 200, 200)
    assert b"A colleague confirms" in own.content
    assert f"It can be confirmed by: {ralf.name}</p>" in own.text
    assert reverse("products:confirmation", args=[entry.pk]).encode() in seen.content
    with acting_as(rita):
        assert novastat_hf.zone(datetime.now(UTC)) is Zone.OPEN


def test_whoever_proposed_takes_it_back_herself(client_of, novastat_hf, rita):
    entry, client = propose(novastat_hf, State.AUTHORISED, rita), client_of(rita)
    page = reverse("products:entry", args=[entry.pk])
    assert reverse("products:rejection", args=[entry.pk]) in client.get(page).text

    client.post(reverse("products:rejection", args=[entry.pk]), {"reason": "The wrong day"})

    entry.refresh_from_db()
    assert (entry.rejected_by_id, entry.rejection) == (rita.pk, "The wrong day")


def test_a_rep_meets_a_product_only_once_it_has_opened(
    client_of, novastat, novastat_hf, felix, mara, authorise
):
    rep, msl = client_of(felix), client_of(mara)
    page = reverse("products:detail", args=[novastat.pk])

    assert msl.get(page).status_code == 200
    assert rep.get(page).status_code == 404
    assert b"Novastat" not in rep.get(reverse("products:list")).content
    authorise(novastat_hf)
    assert rep.get(page).status_code == 200


def test_a_product_manager_sees_the_products_assigned_to_her_and_no_others(novastat, novastat_hf, petra):
    with acting_as(petra):
        assert list(Product.objects.visible_to(petra)) == [novastat]
        novastat.managers.clear()
        assert list(Product.objects.visible_to(petra)) == []


def test_list_and_detail_ask_a_fixed_number_of_statements(
    client_of, company, novastat, heart_failure, novastat_hf, rita, statements
):
    client = client_of(rita)
    addresses = [reverse("products:list"), reverse("products:detail", args=[novastat.pk])]

    def asked() -> list[int]:
        counts = []
        for address in addresses:
            with statements() as said:
                assert client.get(address).status_code == 200
            counts.append(len(said))
        return counts

    with_one = asked()
    with acting_as(system("set the stage")):
        Use.objects.create(indication=heart_failure, market=company.switzerland, created_at=YESTERDAY)
        for number in range(2):
            other = Product.objects.create(brand=f"Other {number}", created_at=YESTERDAY)
            indication = other.indications.create(name="Pain", label="Pain.")
            Use.objects.create(indication=indication, market=company.germany, created_at=YESTERDAY)

    assert with_one == asked() == [7, 9]


# Granted narrower than asked for (R-016) -------------------------------------------------------------------------


def split(use, by, name="Mild heart failure"):
    with acting_as(by):
        return split_use(use, name=name, label="Mild chronic heart failure in adults.", by=by)


def test_what_is_not_granted_stands_for_itself_with_the_same_msl_and_is_not_handed_over(
    relation, keller, novastat_hf, mara, rita, ralf, authorise
):
    rest = split(novastat_hf, rita)
    with acting_as(system("look")):
        assert rest.zone(datetime.now(UTC)) is Zone.UNLISTED, (
            "nobody raises it before a second person confirmed"
        )
        [owner] = Ownership.objects.filter(relation__use=rest)
    assert (owner.owner, owner.side, owner.market) == (mara, "MEDICAL", rest.market)

    with acting_as(ralf):
        entry = LifecycleEntry.objects.get(use=rest)
        assert (entry.proposed_by, entry.effective_at) == (
            rita,
            novastat_hf.standing(datetime.now(UTC)).effective_at,
        )
        enact_entry(entry, by=ralf)
    authorise(novastat_hf)
    with acting_as(system("open what is due")):
        open_due_handovers()
        assert [due.relation for due in Handover.objects.all()] == [relation]
        assert [rest.zone(datetime.now(UTC)), novastat_hf.zone(datetime.now(UTC))] == [Zone.PRE, Zone.OPEN]


def test_what_is_open_or_was_is_split_no_more(novastat_hf, rita, authorise, suspend):
    authorise(novastat_hf, at=YESTERDAY)
    for later in (suspend, None):
        with pytest.raises(Refused) as refusal:
            split(novastat_hf, rita)
        assert refusal.value.decision.rules == ("R-016",)
        if later is not None:
            later(novastat_hf)
    with acting_as(system("look")):
        assert Use.objects.count() == 1


@pytest.mark.parametrize("person", ["mara", "lena", "felix", "petra", "clara", "anton"])
def test_regulatory_alone_splits(request, novastat_hf, person):
    with pytest.raises(Refused):
        split(novastat_hf, request.getfixturevalue(person))


def test_regulatory_splits_on_the_page_and_a_name_that_is_taken_comes_back(
    novastat_hf, relation, rita, client_of
):
    browser = client_of(rita)
    page = reverse("products:use_split", args=[novastat_hf.pk])
    assert (
        page
        in browser.get(reverse("products:detail", args=[novastat_hf.indication.product_id])).content.decode()
    )

    taken = browser.post(page, {"name": novastat_hf.indication.name.upper(), "label": "Mild"})
    assert (taken.status_code, "has an indication of that name" in taken.content.decode()) == (422, True)
    done = browser.post(page, {"name": "Mild heart failure", "label": "Mild chronic heart failure."})
    assert done.status_code == 302
    with acting_as(system("look")):
        assert {use.indication.name for use in Use.objects.all()} == {
            novastat_hf.indication.name,
            "Mild heart failure",
        }
