"""The register of materials in the browser: registered by one, approved by another, recalled with its recipients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.acting import acting_as, system
from compliance.policy import MaterialPurpose, MaterialStatus
from interactions.models import MaterialGiven
from products.material_actions import approve_plan_item
from products.models import LabelVersion, MaterialVersion, PlanItem
from tests.integration.test_interactions import log, visit
from tests.integration.test_shown import showing

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.material_stage"]
S, P = MaterialPurpose.SCIENTIFIC, MaterialPurpose.PROMOTIONAL
LIST = "products:materials"


def filled(use, **more):
    return {
        "number": "DE-NOV-7", "name": "Novastat: slide set", "version": "1", "purpose": "SCIENTIFIC", "kept_at": "Vault 7",
        "uses": [str(use.pk)], "markets": [str(use.market_id)], "languages": "de, en", "audiences": ["PROFESSIONAL"],
        "roles": ["MSL", "MSL_LEAD"], "activities": ["SCIENTIFIC_EXCHANGE"], "first_day": "2026-01-01", **more,
    }  # fmt: skip


def versions():
    with acting_as(system("look")):
        return list(MaterialVersion.objects.select_related("material"))


def test_a_lead_registers_and_compliance_approves(novastat_hf, lena, mara, clara, client_of):
    browser = client_of(lena)
    answer = browser.post(reverse("products:material_new"), filled(novastat_hf))
    [one] = versions()
    page = reverse("products:material", args=[one.pk])
    assert (answer.status_code, answer.url) == (302, page)
    assert (one.languages, one.material.side, one.registered_by) == (["de", "en"], "MEDICAL", lena)
    approve = reverse("products:material_approval", args=[one.pk])
    assert approve not in browser.get(page).content.decode(), "nobody is offered to approve her own"
    assert browser.post(approve, {"approval": "MLR 1"}).status_code == 404

    clara_s = client_of(clara)
    assert "1 waits for review" in clara_s.get(reverse(LIST)).content.decode()
    clara_s.post(approve, {"approval": " "})
    assert versions()[0].approved_at is None
    clara_s.post(approve, {"approval": "MLR 1"})
    [one] = versions()
    assert (one.approved_by, one.status_at(datetime.now(UTC))) == (clara, MaterialStatus.APPROVED)
    assert "may be used" in client_of(mara).get(page).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"languages": "Klingon"}, {"first_day": "2026-02-30"}, {"last_day": "2025-01-01"}, {"uses": ["x"]},
              {"name": "a\x00b"}, {"audiences": ["EVERYBODY"]}, {"markets": []}, {"number": "7" * 41}]
)  # fmt: skip
def test_a_form_nobody_can_keep_comes_back_with_what_was_typed(novastat_hf, lena, client_of, wrong):
    answer = client_of(lena).post(reverse("products:material_new"), filled(novastat_hf, **wrong))
    assert answer.status_code == 422
    assert "Vault 7" in answer.content.decode()
    assert versions() == []


def test_promotion_is_registered_by_marketing_and_says_what_it_mentions(
    novastat_hf, petra, lena, client_of, novastat
):
    with acting_as(system("set the stage")):
        novastat.managers.add(petra)
    browser = client_of(petra)
    facts = filled(novastat_hf, purpose="PROMOTIONAL", roles=["FIELD_SERVICE"], activities=["PRODUCT_CALL"])
    assert browser.post(reverse("products:material_new"), {**facts, "uses": []}).status_code == 422
    assert (
        browser.post(reverse("products:material_new"), {**facts, "purpose": "SCIENTIFIC"}).status_code == 422
    )
    assert browser.post(reverse("products:material_new"), facts).status_code == 302
    assert client_of(lena).post(reverse("products:material_new"), facts).status_code == 422


def test_what_belongs_to_medical_does_not_exist_for_the_commercial_side(
    deck, lena, clara, petra, felix, frieda, mara, novastat, client_of
):
    with acting_as(system("set the stage")):
        novastat.managers.add(petra)
    slides = deck(S, by=lena, approved_by=clara)
    page = reverse("products:material", args=[slides.pk])
    for person in (felix, frieda, petra):
        browser = client_of(person)
        assert browser.get(page).status_code == 404
        assert str(slides) not in browser.get(reverse(LIST)).content.decode()
    assert client_of(mara).get(page).status_code == 200


def test_a_recall_lists_who_received_it_to_those_who_may_read_it(
    deck, lena, clara, moritz, mara, relation, keller, novastat_hf, germany, client_of
):
    slides = deck(S, by=lena, approved_by=clara)
    with acting_as(mara):
        log(mara, keller, visit(germany), showing(novastat_hf, slides))
    browser, page = client_of(clara), reverse("products:material", args=[slides.pk])
    browser.post(reverse("products:material_recall", args=[slides.pk]), {"reason": ""})
    assert versions()[0].recalled_at is None
    browser.post(reverse("products:material_recall", args=[slides.pk]), {"reason": "A figure was wrong."})
    html = browser.get(page).content.decode()
    assert "Recalled: nobody uses it any more" in html
    assert keller.name in html
    assert (
        client_of(mara)
        .post(reverse("products:material_recall", args=[slides.pk]), {"reason": "x"})
        .status_code
        == 404
    )
    with acting_as(system("look")):
        assert MaterialGiven.objects.count() == 1


def test_quarantine_is_shown_and_the_registrar_takes_it_out_of_use(
    deck, lena, clara, authorise, suspend, novastat_hf, client_of
):
    slides = deck(S, by=lena, approved_by=clara, at=datetime.now(UTC) - timedelta(days=3))
    authorise(novastat_hf, at=datetime.now(UTC) - timedelta(days=2))
    browser = client_of(lena)
    assert "in quarantine" in browser.get(reverse(LIST)).content.decode()
    browser.post(reverse("products:material_retirement", args=[slides.pk]))
    assert "out of use" in browser.get(reverse("products:material", args=[slides.pk])).content.decode()


# Labels and the medical plan ---------------------------------------------------------------------------------------


def test_regulatory_enters_a_label(novastat_hf, rita, client_of):
    page = reverse("products:label_new", args=[novastat_hf.pk])
    browser = client_of(rita)
    assert (
        page
        in browser.get(reverse("products:detail", args=[novastat_hf.indication.product_id])).content.decode()
    )
    assert browser.post(page, {"version": "2.0", "first_day": "x", "evidence": "Letter"}).status_code == 422
    assert (
        browser.post(page, {"version": "2.0", "first_day": "2026-03-01", "evidence": "Letter"}).status_code
        == 302
    )
    assert (
        browser.post(page, {"version": "1.9", "first_day": "2026-02-01", "evidence": "Letter"}).status_code
        == 422
    )
    with acting_as(system("look")):
        [label] = LabelVersion.objects.all()
    assert (label.version, label.effective_at) == (
        "2.0",
        novastat_hf.market.start_of(datetime(2026, 3, 1).date()),
    )


def test_a_lead_approves_and_ends_an_item_of_the_plan_and_her_team_reads_it(
    novastat_hf, lena, mara, felix, client_of
):
    browser, page = client_of(lena), reverse("products:plan")
    last = datetime.now(UTC) + timedelta(days=90)
    facts = {
        "use": str(novastat_hf.pk),
        "reference": "MP-1",
        "purpose": "Endpoints.",
        "last_day": f"{last:%Y-%m-%d}",
    }
    assert browser.post(page, {**facts, "last_day": ""}).status_code == 422
    assert browser.post(page, facts).status_code == 302
    assert "MP-1" in client_of(mara).get(page).content.decode()
    assert client_of(mara).post(page, facts).status_code == 200
    assert client_of(felix).get(page).status_code == 404
    with acting_as(lena, at=datetime.now(UTC) - timedelta(days=3)) as then:
        item = approve_plan_item(
            novastat_hf, reference="MP-0", purpose="Endpoints.", from_=then.now, until=last, by=lena
        )
    end = reverse("products:plan_item_end", args=[item.pk])
    assert client_of(mara).post(end).status_code == 404
    browser.post(end)
    with acting_as(system("look")):
        item.refresh_from_db()
        assert PlanItem.objects.count() == 2
    assert item.during.upper < datetime.now(UTC) + timedelta(minutes=5)
