"""A regulator's table lands as it is and proposes; people decide."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from openpyxl import Workbook

from accounts.acting import acting_as
from accounts.models import Market
from compliance.models import AuditEntry
from compliance.policy import Refused, State, Zone
from handovers.actions import enact_entry
from imports.actions import adopt_record, import_authorisations, import_people, keep_upload, preview_people
from imports.models import Adoption, RegulatorRecord, Snapshot, Upload
from imports.readers import NotUnderstood
from kols.models import KOL
from products.actions import propose_entry
from products.models import LifecycleEntry, Product, Use

pytestmark = pytest.mark.django_db

NEW_LAYOUT = (
    "Category", "Name of medicine", "EMA product number", "Medicine status", "Opinion status",
    "International non-proprietary name (INN) / common name", "Active substance", "Therapeutic area (MeSH)",
    "ATC code (human)", "Therapeutic indication", "Conditional approval", "Exceptional circumstances",
    "Marketing authorisation developer / applicant / holder", "European Commission decision date", "Opinion adopted date",
    "Marketing authorisation date", "Refusal of marketing authorisation date",
    "Withdrawal / expiry / revocation / lapse of marketing authorisation date", "Suspension of marketing authorisation date",
    "Withdrawal of application date",
)  # fmt: skip


def table(day: str, *rows: dict[str, str]) -> bytes:
    """An EMA table in the present layout, with these medicines."""
    book = Workbook()
    sheet = book.active
    sheet.append(["Medicines"])
    sheet.append([f"Generated on {day}"])
    sheet.append([])
    sheet.append(NEW_LAYOUT)
    for row in rows:
        sheet.append([row.get(column, "") for column in NEW_LAYOUT])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def medicine(name: str, number: str, status: str, **more: str) -> dict[str, str]:
    return {
        "Category": "Human",
        "Name of medicine": name,
        "EMA product number": number,
        "Medicine status": status,
        "International non-proprietary name (INN) / common name": f"{name.lower()}ol",
        "Active substance": f"{name.lower()}ol",
        "Therapeutic area (MeSH)": "Heart Failure",
        "Therapeutic indication": f"{name} is indicated for heart failure.",
        "Marketing authorisation developer / applicant / holder": "Nordlicht Pharma",
        **more,
    }


PENDING = medicine("Elbinor", "EMEA/H/C/000001", "Opinion", **{"Opinion status": "Positive"})
GRANTED = medicine(
    "Elbinor", "EMEA/H/C/000001", "Authorised", **{"Marketing authorisation date": "12/05/2023"}
)
OTHER = medicine("Fremdin", "EMEA/H/C/000002", "Authorised", **{"Marketing authorisation date": "01/02/2020"})
FIRST, SECOND = date(2021, 12, 12), date(2024, 8, 22)


def land(content: bytes, by, day: date):
    with acting_as(by):
        return import_authorisations(content, "medicines.xlsx", by=by, taken_on=day)


@pytest.fixture
def elbinor(company, rita) -> Product:
    """Elbinor, adopted from the first table while its opinion was positive."""
    land(table("12/12/2021", PENDING, OTHER), rita, FIRST)
    with acting_as(rita):
        return adopt_record(RegulatorRecord.objects.get(name="Elbinor"), by=rita)


def confirm_all(by) -> None:
    with acting_as(by):
        for entry in LifecycleEntry.objects.proposed().order_by("effective_at", "recorded_at"):
            enact_entry(entry, by=by, effective_at=entry.effective_at or datetime(2021, 11, 1, tzinfo=UTC))


def test_records_land_as_they_are_and_propose_nothing_before_they_are_adopted(company, rita):
    snapshot, _ = land(table("12/12/2021", PENDING, OTHER), rita, FIRST)

    with acting_as(rita):
        assert snapshot.counts["new"] == 2
        assert sorted(RegulatorRecord.objects.values_list("name", "state")) == [
            ("Elbinor", "SUBMITTED"),
            ("Fremdin", "AUTHORISED"),
        ]
        assert (LifecycleEntry.objects.count(), Product.objects.count()) == (0, 0)


def test_adopting_makes_a_product_with_one_provisional_indication_and_a_use_per_market_covered(elbinor, rita):
    with acting_as(rita):
        indication = elbinor.indications.get()
        proposed = LifecycleEntry.objects.get()

    assert (indication.provisional, indication.label) == (True, "Elbinor is indicated for heart failure.")
    # Switzerland decides for itself.
    assert [use.market.code for use in indication.uses.all()] == ["DE"]
    assert (proposed.state, proposed.confirmed_at) == (State.SUBMITTED, None)


def test_a_newer_table_proposes_exactly_the_changes_of_status_of_what_is_ours(elbinor, rita, ralf):
    confirm_all(ralf)
    fallen = {**OTHER, "Medicine status": "Withdrawn"}

    snapshot, _ = land(table("22/08/2024", GRANTED, fallen), rita, SECOND)

    with acting_as(rita):
        proposed = LifecycleEntry.objects.proposed().get()
    assert (snapshot.counts["status_changes"], snapshot.counts["proposed"]) == (2, 1)
    assert (proposed.state, proposed.effective_on) == (State.AUTHORISED, date(2023, 5, 12))
    assert "row 5" in proposed.evidence


def test_the_same_file_twice_proposes_nothing(elbinor, rita):
    content = table("22/08/2024", GRANTED, OTHER)
    land(content, rita, SECOND)
    with acting_as(rita):
        before = (Snapshot.objects.count(), LifecycleEntry.objects.count(), RegulatorRecord.objects.count())

    _, preview = land(content, rita, SECOND)

    with acting_as(rita):
        assert preview.known
        assert before == (
            Snapshot.objects.count(),
            LifecycleEntry.objects.count(),
            RegulatorRecord.objects.count(),
        )


def test_an_import_opens_nothing_by_itself(elbinor, rita, ralf):
    confirm_all(ralf)
    land(table("22/08/2024", GRANTED, OTHER), rita, SECOND)

    with acting_as(rita):
        assert Use.objects.get().zone(datetime.now(UTC)) is Zone.PRE


def test_what_was_entered_by_hand_is_where_a_proposal_goes_on_from(elbinor, rita, ralf):
    confirm_all(ralf)
    with acting_as(rita):
        propose_entry(
            Use.objects.get(),
            State.REFUSED,
            effective_at=datetime(2022, 3, 1, tzinfo=UTC),
            evidence="Letter",
            by=rita,
        )
    confirm_all(ralf)

    land(table("22/08/2024", GRANTED, OTHER), rita, SECOND)

    with acting_as(rita):
        waiting = LifecycleEntry.objects.proposed().order_by("recorded_at", "pk")
        assert {(e.state, e.effective_at is None) for e in waiting} == {
            (State.SUBMITTED, True),
            (State.AUTHORISED, False),
        }


def test_an_older_table_on_top_of_a_newer_one_is_refused_whole(elbinor, rita):
    land(table("22/08/2024", GRANTED, OTHER), rita, SECOND)

    with pytest.raises(Refused, match="newer snapshot"):
        land(table("12/12/2021", {**PENDING, "Name of medicine": "Elbinor 2"}, OTHER), rita, FIRST)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<html><table><tr><td>Medicine</td></tr></table></html>", b"a,b\n1,2\n"]
)
def test_a_file_that_is_not_understood_is_refused_whole(company, rita, content):
    with acting_as(rita), pytest.raises(NotUnderstood):
        import_authorisations(content, "medicines.xlsx", by=rita, taken_on=SECOND)

    with acting_as(rita):
        assert (Snapshot.objects.count(), RegulatorRecord.objects.count()) == (0, 0)


def test_only_regulatory_imports_and_adopts(elbinor, mara, felix, anton):
    for person in (mara, felix, anton):
        with pytest.raises(Refused):
            land(table("22/08/2024", GRANTED), person, SECOND)
        with acting_as(person), pytest.raises(Refused):
            adopt_record(RegulatorRecord.objects.get(name="Fremdin", latest=True), by=person)
    assert Adoption.objects.count() == 1


def test_the_pages_walk_from_the_file_to_the_proposal(client_of, company, rita):
    client = client_of(rita)
    file = SimpleUploadedFile("medicines.xlsx", table("12/12/2021", PENDING, OTHER))

    looked = client.post(reverse("imports:new"), {"file": file, "taken_on": "2021-12-12"})
    preview = client.get(looked.url)
    before = RegulatorRecord.objects.count()
    with acting_as(rita):
        upload = Upload.objects.get()
    done = client.post(reverse("imports:carrying_out", args=[upload.pk]), follow=True)
    record = RegulatorRecord.objects.get(name="Elbinor")
    page = client.get(reverse("imports:record", args=[record.pk]))
    adopted = client.post(reverse("imports:adoption", args=[record.pk]), follow=True)

    assert (preview.status_code, before, done.status_code) == (200, 0, 200)
    assert b"Elbinor" in preview.content
    assert b"Nordlicht Pharma" in page.content
    assert b"to be split" in adopted.content


def test_a_file_nobody_understands_comes_back_with_the_reason_and_leaves_nothing(client_of, company, rita):
    file = SimpleUploadedFile("medicines.xlsx", b"PK not a workbook")

    answer = client_of(rita).post(reverse("imports:new"), {"file": file})

    assert answer.status_code == 200
    assert b"error" in answer.content.lower()
    assert Upload.objects.count() == 0


def test_the_command_and_the_page_give_the_same_answer(tmp_path, company, rita, mara, capsys):
    path = tmp_path / "medicines.xlsx"
    path.write_bytes(table("12/12/2021", PENDING, OTHER))

    call_command("import_authorisations", str(path), "--as", rita.email, "--date", "2021-12-12")
    with pytest.raises(CommandError, match="may not do this"):
        call_command("import_authorisations", str(path), "--as", mara.email, "--date", "2021-12-12")

    assert "new" in capsys.readouterr().out
    with acting_as(rita):
        assert Snapshot.objects.count() == 1


PEOPLE = (
    "title;given name;family name;specialty;institution;city;region;country;NPI;ORCID\n"
    "Dr.;Jörg;Überall;Cardiology;Klinikum am Deich;Bremen;HB;DE;;\n"
    "Prof. Dr.;Miriam;Keller;Cardiology;Nordstadt University Hospital;Hamburg;HH;DE;;\n"
    "Dr.;;;Cardiology;;;;;;\n"
).encode()


def test_people_are_looked_up_before_they_are_registered(keller, mara):
    with acting_as(mara):
        preview = preview_people(PEOPLE, "people.csv")

    assert [row.family_name for row in preview.new] == ["Überall"]
    assert [(row.family_name, kol.pk) for row, kol, _ in preview.duplicates] == [("Keller", keller.pk)]
    assert [problem.row for problem in preview.file.problems] == [4]


def test_people_are_registered_once_as_to_verify(keller, mara, germany):
    with acting_as(mara):
        upload = keep_upload(kind=Upload.Kind.PEOPLE, filename="people.csv", content=PEOPLE, by=mara)
        registered, problems = import_people(upload, market=germany, by=mara)
        again, _ = import_people(upload, market=germany, by=mara)

    assert [(kol.family_name, kol.status, kol.main_institution.region) for kol in registered] == [
        ("Überall", KOL.Status.TO_VERIFY, "DE-HB")
    ]
    assert ([problem.row for problem in problems], again) == ([4], [])


def test_a_list_with_a_column_on_prescribing_is_refused_whole(client_of, company, mara):
    file = SimpleUploadedFile("people.csv", b"given name,family name,TRx decile\nAnna,Berg,9\n")

    answer = client_of(mara).post(
        reverse("imports:people_new"), {"file": file, "market": str(company.germany.pk)}
    )

    assert answer.status_code == 200
    with acting_as(mara):
        assert (Upload.objects.count(), KOL.objects.count()) == (0, 0)


def test_field_service_finds_no_import_page(client_of, company, felix, frieda):
    for person in (felix, frieda):
        for name in ("imports:list", "imports:new", "imports:people_new", "imports:records"):
            assert client_of(person).get(reverse(name)).status_code == 404


def test_the_trail_tells_the_import_as_a_sentence(elbinor, clara):
    with acting_as(clara):
        said = [str(entry) for entry in AuditEntry.objects.order_by("sequence")]

    assert "Rita Sommer imported EMA, 2021-12-12" in said
    assert "Rita Sommer adopted Elbinor" in said
    assert Market.objects.count() == 2
