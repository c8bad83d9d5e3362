"""Each lock alone: what Python shows without the database's rules, and what the database shows without Python.

Python's part is asked as the guard, which row-level security does not bind; the database's part is every row
of the table, as the web role. What Python shows must be shown by the database, and neither crosses the wall.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.glass_actions import ask_glass
from accounts.models import Certificate, FactorReset, IdempotencyKey, RightsReview
from accounts.rights_actions import review as review_rights
from calendars.actions import add_source
from calendars.models import Suggestion
from compliance.grants import OURS
from compliance.models import Deviation, Finding, FindingStep, Hearing, Measure, PackActivation
from compliance.policy import MaterialPurpose, Side
from compliance.signing import Meaning, Proof, Statement, sign
from handovers.models import (
    AccountAnswer,
    AccountRequest,
    Campaign,
    ExitProposal,
    Handover,
    Reminder,
    RiskFlag,
)
from imports.models import Upload
from interactions.actions import add_follow_up
from interactions.models import (
    Amendment,
    Attendee,
    Change,
    Closing,
    Interaction,
    JointVisit,
    MaterialGiven,
    Mismatch,
    Preclearance,
    Rejudging,
    SampleGiven,
    Topic,
    ValueGiven,
    Voiding,
    WordMark,
)
from jobs.actions import begin_job
from jobs.models import Part
from kols.models import (
    Alignment,
    Consent,
    Contract,
    Objection,
    OpenMatter,
    PrivacyNotice,
    SavedView,
    ScientificContact,
    StudyRole,
    VisitGoal,
)
from products.models import LifecycleEntry, MaterialVersion, PlanItem, Theme
from reviews.models import Draw, Inquiry, Item, Observation
from safety.actions import report_side_effect
from safety.detection import listen
from safety.models import Reconciliation
from tests.integration.all_roles import EVERYBODY

pytestmark = pytest.mark.django_db
pytest_plugins = [
    "tests.integration.kol_stage",
    "tests.integration.material_stage",
    "tests.integration.everybody",
]

COMMERCIAL_PEOPLE = ("felix", "otto", "frieda", "petra")
NEVER = "false"
FOR_COMMERCE = """SELECT 1 FROM products_materialversion v JOIN products_material m ON m.id = v.material_id
 WHERE m.purpose IN ('PROMOTIONAL', 'SAFETY')"""
# By table: what a commercial session may ever be shown, whoever it is. An independent reading of decisions 11 to 14.
COMMERCIAL_MAY_READ = {
    "accounts_breakglass": NEVER,
    "accounts_certificate": "side = 'COMMERCIAL' OR kind = 'QUALIFICATION' AND person_id = crm_user()",
    "accounts_factorreset": "person_id = crm_user()",
    "accounts_idempotencykey": "user_id = crm_user()",
    "accounts_notice": "person_id = crm_user()",
    "accounts_rightsreview": NEVER,
    "calendars_source": "user_id = crm_user()",
    "calendars_suggestion": "user_id = crm_user()",
    "compliance_anchor": NEVER,
    "compliance_auditentry": NEVER,
    "compliance_deviation": "reporter_id = crm_user() AND reporter_side = 'COMMERCIAL'",
    "compliance_finding": NEVER,
    "compliance_findingstep": NEVER,
    "compliance_hearing": "person_id = crm_user() AND side = 'COMMERCIAL'",
    "compliance_measure": "owner_id = crm_user() AND owner_side = 'COMMERCIAL'",
    # Which rules of a market hold is no secret.
    "compliance_packactivation": "true",
    "compliance_rowchange": NEVER,
    "compliance_salt": NEVER,
    "compliance_seal": NEVER,
    "compliance_signature": "side = 'COMMERCIAL'",
    "compliance_unsealed": NEVER,
    "handovers_accountanswer": NEVER,
    "handovers_accountrequest": "author_id = crm_user()",
    "handovers_campaign": "EXISTS (SELECT 1 FROM handovers_handover h WHERE h.campaign_id = t.id AND h.shown_to_field)",
    "handovers_exitproposal": NEVER,
    "handovers_handover": "shown_to_field",
    "handovers_handoverstep": "transition IN ('T-03', 'T-04', 'T-07')",
    "handovers_reminder": NEVER,
    "handovers_riskflag": NEVER,
    "imports_upload": NEVER,
    "interactions_amendment": "compartment = 'FIELD'",
    "interactions_attendee": "compartment = 'FIELD'",
    "interactions_change": "compartment = 'FIELD'",
    "interactions_closing": "compartment = 'FIELD'",
    "interactions_followup": "compartment = 'FIELD'",
    "interactions_interaction": "compartment = 'FIELD' AND author_side = 'COMMERCIAL'",
    "interactions_jointvisit": NEVER,
    "interactions_lastcontact": NEVER,
    "interactions_materialgiven": "compartment = 'FIELD'",
    "interactions_mismatch": "compartment = 'FIELD' AND author_id = crm_user()",
    "interactions_preclearance": "author_id = crm_user() AND author_side = 'COMMERCIAL'",
    "interactions_rejudging": NEVER,
    "interactions_samplegiven": "compartment = 'FIELD'",
    "interactions_topic": "compartment = 'FIELD'",
    "interactions_topic_themes": (
        "EXISTS (SELECT 1 FROM interactions_topic p WHERE p.id = topic_id AND p.compartment = 'FIELD')"
    ),
    "interactions_valuegiven": "compartment = 'FIELD'",
    "interactions_voiding": "compartment = 'FIELD'",
    "interactions_wordmark": "compartment = 'FIELD'",
    "jobs_job": "owner_id = crm_user()",
    "jobs_part": "EXISTS (SELECT 1 FROM jobs_job j WHERE j.id = t.job_id AND j.owner_id = crm_user())",
    "kols_alignment": "side = 'COMMERCIAL'",
    "kols_committee": NEVER,
    "kols_consent": "side = 'COMMERCIAL'",
    "kols_contract": NEVER,
    "kols_objection": "side = 'COMMERCIAL'",
    "kols_openmatter": NEVER,
    "kols_ownership": "side = 'COMMERCIAL'",
    "kols_privacynotice": "side = 'COMMERCIAL'",
    "kols_relation": "shown_to_field",
    "kols_savedview": NEVER,
    "kols_scientificcontact": NEVER,
    "kols_scientificprofile": NEVER,
    "kols_seat": NEVER,
    "kols_showing": "true",
    "kols_studyrole": NEVER,
    "kols_visitgoal": NEVER,
    "products_material": "purpose IN ('PROMOTIONAL', 'SAFETY')",
    "products_materialversion": f"EXISTS ({FOR_COMMERCE} AND v.id = t.id)",
    "products_materialversion_markets": f"EXISTS ({FOR_COMMERCE} AND v.id = materialversion_id)",
    "products_materialversion_uses": f"EXISTS ({FOR_COMMERCE} AND v.id = materialversion_id)",
    "products_planitem": NEVER,
    "reports_daycount": NEVER,
    "reports_pulse": NEVER,
    "reports_pulsecount": NEVER,
    "reviews_draw": NEVER,
    "reviews_inquiry": "author_id = crm_user() AND author_side = 'COMMERCIAL'",
    "reviews_item": NEVER,
    "reviews_observation": NEVER,
    "safety_clinical": (
        "EXISTS (SELECT 1 FROM safety_safetyreport s WHERE s.id = report_id AND s.reporter_id = crm_user()"
        " AND s.reporter_side = 'COMMERCIAL')"
    ),
    "safety_cue": "author_id = crm_user() AND author_side = 'COMMERCIAL'",
    "safety_reconciliation": NEVER,
    "safety_safetyreport": "reporter_id = crm_user() AND reporter_side = 'COMMERCIAL'",
}


def ask(sql: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def guarded() -> list[str]:
    return [
        row[0]
        for row in ask(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace ORDER BY relname"
        )
    ]


def tables() -> dict[str, type[models.Model]]:
    return {
        model._meta.db_table: model
        for label in OURS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }


class as_guard:  # noqa: N801 - reads as a sentence
    """Without row-level security: the rows as they are."""

    def __enter__(self) -> None:
        ask_nothing("SET ROLE crm_guard")

    def __exit__(self, *_: object) -> None:
        ask_nothing("SET ROLE crm_web")


def ask_nothing(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def everything(handed_over, visit, science, novastat_hf, everybody, keller, hospital, deck):
    """At least one row in every guarded table, of both sides where both sides write."""
    company = everybody
    mara, felix, germany = company.mara, company.felix, company.germany
    ever = DateTimeTZRange(datetime(2026, 1, 1, tzinfo=UTC), None)
    with acting_as(company.anton):
        review_rights([mara, felix], outcome=RightsReview.Outcome.KEEP, by=company.anton)
        ask_glass("Look for a lost record", minutes=5, by=company.anton)
        for person in (mara, felix):
            FactorReset.objects.create(person=person, reason="x", asked_by=company.anton, asked_at=now())
    with acting_as(system("set the stage")):
        topic = Topic.objects.filter(interaction=visit).get()
        topic.themes.add(Theme.objects.first())
        StudyRole.objects.create(kol=keller, use=novastat_hf, trial="QUOKKA-1", during=ever)
        Contract.objects.create(kol=keller, use=novastat_hf, reference="QK-2", signed_at=now(), during=ever)
        VisitGoal.objects.create(
            kol=keller, market=germany, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), visits=7
        )
        relation = handed_over
        Upload.objects.create(
            kind="PEOPLE", filename="x", content=b"x", sha256="x", by=mara, uploaded_at=now()
        )
        ScientificContact.objects.get_or_create(relation=relation, msl=mara, defaults={"during": ever})
        OpenMatter.objects.create(
            relation=relation, kind=OpenMatter.Kind.DRAFT, person=mara, source=visit.pk, opened_at=now()
        )
        for territory in (company.medical, company.north):
            Alignment.objects.create(kol=keller, territory=territory, during=ever)
        row = Handover.objects.get()
        RiskFlag.objects.create(handover=row, code="CONTRACT", raised_at=now())
        asked = AccountRequest.objects.create(
            author=company.felix, market=row.market, use=row.relation.use, name="x", place="x", asked_at=now()
        )
        AccountAnswer.objects.create(
            request=asked, found="BEGUN", answered_by=company.lena, answered_at=now()
        )
        ExitProposal.objects.create(
            handover=row, to_state="EXEMPT", reason="", proposed_by=company.lena, proposed_at=now()
        )
        Reminder.objects.create(handover=row, version=1, stage="x", fired_at=now())
        PackActivation.objects.create(
            market=germany, version="9", proposed_by=company.clara, proposed_at=now()
        )
        assert Campaign.objects.exists()
        SavedView.objects.create(
            owner=mara, name="QK-2 sites", query="view=mine", shared=True, created_at=now()
        )
    for by, purpose in (
        (company.lena, MaterialPurpose.SCIENTIFIC),
        (company.petra, MaterialPurpose.PROMOTIONAL),
    ):
        deck(purpose, by=by, approved_by=company.clara)
    with acting_as(system("set the stage")):
        PlanItem.objects.create(
            use=novastat_hf, reference="QK-3", purpose="Endpoints", approved_by=company.lena, during=ever
        )
        for person, side in ((mara, Side.MEDICAL), (felix, Side.COMMERCIAL)):
            for kind, use in (("PRODUCT_TRAINING", novastat_hf), ("QUALIFICATION", None)):
                Certificate.objects.create(
                    person=person, side=side, kind=kind, use=use, valid_from=now(), evidence="Academy",
                    recorded_by=company.clara, recorded_at=now(),
                )  # fmt: skip
    for person, side in ((mara, Side.MEDICAL), (felix, Side.COMMERCIAL)):
        with acting_as(person):
            records_of(person, side, company, keller, novastat_hf, visit if person is mara else None)
    return company


def records_of(person, side, company, keller, use, visit) -> None:
    """What each side writes of its own: a contact with all its parts, consents, a report, a deviation."""
    germany, at = company.germany, now()
    if visit is None:
        visit = Interaction.objects.create(
            author=person, author_role=person.role, author_side=side, compartment="FIELD", kind="PRODUCT_CALL",
            channel="PHONE", status="DRAFT", market=germany, starts_at=at, ends_at=at, zone="Europe/Berlin",
            side_effect=False, recorded_at=at, updated_at=at,
        )  # fmt: skip
        Attendee.objects.create(interaction=visit, kol=keller, main=True)
        Topic.objects.create(interaction=visit, subject="USE", use=use, activity="PRODUCT_CALL")
        SampleGiven.objects.create(
            interaction=visit, kol=keller, use=use, given_at=at, quantity=1, requested_at=at, signed=True,
            lot="L1", expires_on=date(2027, 1, 1),
        )  # fmt: skip
    MaterialGiven.objects.create(
        interaction=visit,
        version=MaterialVersion.objects.earliest("pk"),
        kol=keller,
        method="IN_PERSON",
        given_at=at,
    )
    with acting_as(system("judge anew")):
        entry = LifecycleEntry.objects.earliest("pk")
        Rejudging.objects.get_or_create(entry=entry, defaults={"since": at, "until": at, "begun_at": at})
        for other in Interaction.objects.exclude(pk=visit.pk)[:1]:
            JointVisit.objects.create(
                medical=visit, field=other, overlapping=True, before_authorisation=False, found_at=at
            )
        Mismatch.objects.create(
            interaction=visit, entry=entry, before={}, after={}, known_when_acted=False, found_at=at
        )
    ValueGiven.objects.create(
        interaction=visit, kol=keller, category="MEAL", amount=Decimal(9), currency="EUR",
        given_on=at.date(), payer="us",
    )  # fmt: skip
    Change.objects.create(
        interaction=visit, kind="DATE", before=str(at), after=str(at), reason=f"{side}", at=now()
    )
    Preclearance.objects.create(
        author=person, author_side=side, kind="VISIT", market=germany, why=f"{side}", asked_at=now(),
        during=DateTimeTZRange(at, None),
    )  # fmt: skip
    draft = Interaction.objects.create(
        author=person, author_role=person.role, author_side=side, compartment=visit.compartment, kind=visit.kind,
        channel="PHONE", status="AMENDMENT", market=germany, starts_at=at, ends_at=at, zone="Europe/Berlin",
        side_effect=False, recorded_at=at, updated_at=at,
    )  # fmt: skip
    Amendment.objects.create(
        interaction=visit, draft=draft, base_version=1, code="WRONG", reason=f"{side}", asked_at=at
    )
    Voiding.objects.create(interaction=visit, code="DUPLICATE", reason=f"{side}", asked_at=at)
    Closing.objects.create(interaction=visit, closed_by=person, statement=f"{side}", at=now())
    WordMark.objects.create(
        interaction=visit, field="NOTE", start=0, end=1, kind="NAME", code="own", level="explain", at=at
    )
    add_follow_up(by=person, what="Paper", due_on=date(2030, 1, 1), market=germany, kol=keller)
    Consent.objects.create(
        kol=keller, side=side, purpose="SCIENTIFIC" if side == Side.MEDICAL else "PROMOTIONAL", channel="EMAIL",
        market=germany, given_at=at, text_version="1", source="FORM", evidence="Paper", recorded_by=person,
        recorded_at=now(),
    )  # fmt: skip
    Objection.objects.create(
        kol=keller,
        side=side,
        kind="SCIENCE" if side == Side.MEDICAL else "MARKETING",
        since=at,
        evidence="Letter",
        recorded_by=person,
        recorded_at=now(),
    )
    PrivacyNotice.objects.create(
        kol=keller, side=side, given_at=at, text_version="1", how="Letter", recorded_by=person, recorded_at=now()
    )  # fmt: skip
    listen(by=person, texts=["A patient got a rash."], source="visit", base=person.pk)
    report_side_effect(by=person, kol=keller, product=use.indication.product, what_happened="Rash")
    deviation = Deviation.objects.create(
        reporter=person, reporter_side=side, happened_at=at, recorded_at=now(), words=str(side), act={},
        decision={}, policy_version="1",
    )  # fmt: skip
    sign(
        [Statement(visit, 1, {"note": str(side)}, side)],
        by=person,
        meaning=Meaning.AUTHOR,
        proof=Proof(person),
    )
    source = add_source(by=person, name="Work", address="https://calendar.example/a.ics")
    Suggestion.objects.create(
        user=person, appointment=source.appointment, created_at=at, source=source, kol=keller, key=str(person.pk),
        starts_at=at, ends_at=at + timedelta(hours=1),
    )  # fmt: skip
    job = begin_job(by=person, kind="export", key="k", title=f"List of {side}", facts={})
    Part.objects.create(job=job, position=0, content=b"Keller")
    IdempotencyKey.objects.create(
        user=person, key="k", request_hash="h", status=201, body={}, created_at=now()
    )
    with acting_as(system("follow up")):
        Reconciliation.objects.create(
            month=date(2026, 6, 1), compared_by=company.sofia, compared_at=now(), file_sha256="0" * 64
        )
        ask("SELECT crm_seal(3), crm_note_anchor(3, 'file')")
        found_out(person, side, company, deviation, visit)


def found_out(person, side, company, deviation, visit) -> None:
    """What Compliance makes of a deviation and of a sample, and what it asks of this person."""
    by, finding = {"told_by": company.clara}, Finding.objects.get(deviation=deviation)
    FindingStep.objects.create(
        finding=finding, step="TRIAGE", before="OPEN", after="TRIAGED", words="x", by=company.clara, at=now()
    )
    Hearing.objects.create(finding=finding, person=person, side=side, told="x", told_at=now(), **by)
    Measure.objects.create(
        finding=finding, what="Train", owner=person, owner_side=side, due_on=date(2030, 1, 1), set_by=company.clara,
        set_at=now(),
    )  # fmt: skip
    draw = Draw.objects.create(
        market=company.germany, since=now() - timedelta(days=9), until=now(), frame=[], frame_sha256="x", frame_size=0,
        seed="x", algorithm="1", percent=5, at_least=3, policy_version="1", drawn_by=company.clara, drawn_at=now(),
    )  # fmt: skip
    item = Item.objects.create(
        draw=draw, position=1, interaction=visit, reasons=["random"], added_by=company.clara, added_at=now()
    )
    Inquiry.objects.create(
        item=item,
        author=person,
        author_side=side,
        interaction=visit,
        words="x",
        asked_by=company.clara,
        asked_at=now(),
    )
    Observation.objects.create(
        market=company.germany, person=person, kind="VISIT", planned_on=date(2030, 1, 1), planned_by=company.clara,
        planned_at=now(),
    )  # fmt: skip


def rows_of(table: str) -> set[str]:
    return {str(key) for (key,) in ask(f'SELECT {key_of(table)}::text FROM "{table}"')}


def key_of(table: str) -> str:
    model = tables()[table]
    return f'"{model._meta.pk.column}"'


def python_shows(model: type[models.Model], person) -> set[str]:
    """What `visible_to` returns where the database hides nothing."""
    with as_guard():
        rows = model._default_manager.visible_to(person)  # type: ignore[attr-defined]
        return {str(pk) for pk in rows.values_list("pk", flat=True)}


def test_every_guarded_table_is_read_independently_and_has_rows_here(everything):
    assert guarded() == sorted(COMMERCIAL_MAY_READ)
    with as_guard():
        assert [table for table in guarded() if not rows_of(table)] == []


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_database_shows_whatever_python_shows(everything, name):
    person = getattr(everything, name)
    missing, compared = {}, []
    with acting_as(person):
        for table in guarded():
            model = tables()[table]
            if hasattr(model._default_manager.all(), "visible_to"):
                compared.append(table)
                if lost := python_shows(model, person) - rows_of(table):
                    missing[table] = lost
    assert missing == {}
    assert len(compared) > 12


@pytest.mark.parametrize("name", COMMERCIAL_PEOPLE)
def test_neither_lock_alone_lets_the_commercial_side_across(everything, name):
    person, crossed = getattr(everything, name), {}
    with acting_as(person):
        for table, fine in COMMERCIAL_MAY_READ.items():
            with as_guard():
                theirs = {
                    str(key) for (key,) in ask(f'SELECT {key_of(table)}::text FROM "{table}" t WHERE {fine}')
                }
            shown = rows_of(table)
            model = tables()[table]
            if hasattr(model._default_manager.all(), "visible_to"):
                shown |= python_shows(model, person)
            if shown - theirs:
                crossed[table] = sorted(shown - theirs)
    assert crossed == {}


def test_the_comparison_would_notice_a_lost_policy(everything, felix):
    """The positive control: with one policy widened, the database alone shows Felix what is Medical's."""
    ask_nothing("RESET ROLE")
    ask_nothing("CREATE POLICY careless ON interactions_interaction USING (true)")
    ask_nothing("SET ROLE crm_web")
    with acting_as(felix):
        assert {"MEDICAL", "FIELD"} == {
            row[0] for row in ask("SELECT compartment FROM interactions_interaction")
        }
