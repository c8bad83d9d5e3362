"""Signatures: bound to a person, a version and a text; written through one module, changed by nobody."""

from __future__ import annotations

import ast
import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from accounts.acting import acting_as, now, system
from accounts.reauthentication import SignForm, prove
from compliance import policy, software
from compliance.models import AuditEntry, Signature
from compliance.policy import Refused, Side
from compliance.signing import Meaning, Proof, Statement, canonical, manifest_of, sign, signatures_of

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "compliance", "jobs", "products", "kols", "safety", "interactions", "handovers", "imports",
        "reports", "calendars", "msl_crm")  # fmt: skip
PASSWORD = "correct horse battery"


def stated(keller, text="what was said", version=1):
    return Statement(keller, version, {"note": text}, Side.MEDICAL)


def signed(mara, keller, **more):
    with acting_as(mara):
        return sign([stated(keller, **more)], by=mara, meaning=Meaning.AUTHOR, proof=Proof(mara))[0]


def test_a_signature_says_who_what_when_and_why(mara, keller):
    with acting_as(mara):
        at = now()
        proof = Proof(mara)
        (one,) = sign([stated(keller)], by=mara, meaning=Meaning.AUTHOR, proof=proof)
    assert (one.record_type, one.record_id, one.record_version) == ("kols.KOL", keller.pk, 1)
    assert (one.signer_id, one.signer_name, one.signer_role) == (mara.pk, "Mara Lindqvist", "MSL")
    assert (one.at, one.zone, one.get_meaning_display()) == (at, "Europe/Berlin", "author, complete and true")
    assert (one.policy_version, one.software_version) == (policy.VERSION, software.version())
    assert (one.proved_by, one.proved_at, one.deed, one.manifest_sha256) == (
        "password",
        proof.at,
        proof.deed,
        "",
    )
    with acting_as(system("look")):
        entry = AuditEntry.objects.get(verb="signed")
    assert (entry.actor, entry.facts["sha256"], entry.facts["meaning"]) == (
        str(mara.pk),
        one.sha256,
        "AUTHOR",
    )


def test_anybody_can_recompute_what_was_signed(mara, keller):
    """By the description in docs/signatures.md, with the standard library alone."""
    one = signed(mara, keller, text='Grüße, "QUOKKA"\n\u2028')
    told = json.loads(one.content)
    assert told == {
        "canonicalisation": "msl-crm-json-1", "fields": {"note": "Grüße, \"QUOKKA\"\n\u2028"},
        "record": {"id": str(keller.pk), "type": "kols.KOL", "version": 1},
    }  # fmt: skip
    again = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert hashlib.sha256(again).hexdigest() == one.sha256


def test_the_canonical_text_is_one_text():
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    fields = {"b": Decimal("9.50"), "a": [at, date(2026, 3, 2), None, True, 3], "ä": Meaning.AUTHOR}
    assert canonical("x.Y", keller := "k", 2, fields) == canonical(
        "x.Y", keller, 2, dict(reversed(fields.items()))
    )
    assert canonical("x.Y", "k", 2, fields) == (
        '{"canonicalisation":"msl-crm-json-1","fields":{"a":["2026-03-02T09:30:00.000000Z","2026-03-02",null,true,3],'
        '"b":"9.50","ä":"AUTHOR"},"record":{"id":"k","type":"x.Y","version":2}}'
    )
    with pytest.raises(TypeError):
        canonical("x.Y", "k", 2, {"a": 0.5})


def test_several_records_share_one_deed_and_one_manifest(mara, keller, statements):
    several = [stated(keller, version=n) for n in (1, 2, 3)]
    with acting_as(mara), statements() as counted:
        found = sign(several, by=mara, meaning=Meaning.AUTHOR, proof=Proof(mara))
    assert len(counted) == 2  # the signatures and their sentences, however many
    lines = "".join(sorted(f"kols.KOL {keller.pk} {s.record_version} {s.sha256}\n" for s in found))
    assert (
        {s.manifest_sha256 for s in found}
        == {hashlib.sha256(lines.encode()).hexdigest()}
        == {manifest_of(several)}
    )
    assert len({s.deed for s in found}) == 1


def test_a_proof_signs_once_and_for_nobody_else(mara, moritz, keller):
    with acting_as(mara):
        proof = Proof(mara)
        sign([stated(keller)], by=mara, meaning=Meaning.AUTHOR, proof=proof)
        with pytest.raises(Refused):
            sign([stated(keller, version=2)], by=mara, meaning=Meaning.AUTHOR, proof=proof)
        with pytest.raises(Refused):
            sign([stated(keller, version=2)], by=mara, meaning=Meaning.AUTHOR, proof=Proof(moritz))
    with acting_as(system("look")):
        assert Signature.objects.count() == 1
    with pytest.raises(ValueError, match="proves nothing"):
        Proof(mara, "session")


def test_the_product_itself_signs_nothing(mara, keller):
    with acting_as(system("a job")), pytest.raises(DatabaseError), transaction.atomic():
        sign([stated(keller)], by=mara, meaning=Meaning.AUTHOR, proof=Proof(mara))


def test_what_medical_signs_is_never_the_others(mara, keller):
    with acting_as(mara), pytest.raises(DatabaseError), transaction.atomic():
        sign([Statement(keller, 1, {}, Side.COMMERCIAL)], by=mara, meaning=Meaning.AUTHOR, proof=Proof(mara))


def test_the_other_side_knows_of_no_medical_signature(company, keller):
    one = signed(company.mara, keller)
    for person, seen in ((company.moritz, 1), (company.lena, 1), (company.clara, 1), (company.felix, 0),
                         (company.frieda, 0), (company.petra, 0), (company.rita, 0), (company.anton, 0)):  # fmt: skip
        with acting_as(person):
            assert (person.name, len(signatures_of([keller.pk], person))) == (person.name, seen)
            assert Signature.objects.filter(pk=one.pk).count() == seen


@pytest.mark.parametrize("role", ["crm_web", "crm_guard", None])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE compliance_signature SET signer_name = 'Somebody'",
        "UPDATE compliance_signature SET sha256 = 'x', content = ''",
        "UPDATE compliance_signature SET at = at + interval '1 day'",
        "DELETE FROM compliance_signature",
    ],
)
def test_no_role_changes_a_signature(mara, keller, role, sql):
    """The web role has no right to, the guard meets the trigger, and the owner finds no row."""
    one = signed(mara, keller)
    with acting_as(system("a stolen session")):
        attempt = as_role(role, sql)
        kept = Signature.objects.get()
    assert attempt != "" or role is None
    assert (kept.signer_name, kept.at, kept.sha256, kept.content) == (
        one.signer_name,
        one.at,
        one.sha256,
        one.content,
    )


def as_role(role: str | None, sql: str) -> str:
    """What the database says to a statement of a role; empty where it let it pass."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {role}" if role else "RESET ROLE")
            cursor.execute(sql)
            cursor.execute("SET ROLE crm_web")
    except DatabaseError as error:
        return str(error)
    return ""


def test_the_web_role_writes_none_past_the_function(mara, keller):
    one = signed(mara, keller)
    fresh = "jsonb_build_object('id', gen_random_uuid())"
    copied = f"INSERT INTO compliance_signature SELECT (jsonb_populate_record(s, {fresh})).*"
    with acting_as(mara):
        assert "permission denied" in as_role("crm_web", f"{copied} FROM compliance_signature s")
        assert "permission denied" in as_role("crm_web", "TRUNCATE compliance_signature")
        assert [row.pk for row in Signature.objects.all()] == [one.pk]


def test_lawful_erasure_empties_the_text_and_keeps_the_hash(mara, keller):
    one = signed(mara, keller)
    with acting_as(system("erase")), connection.cursor() as cursor:
        cursor.execute("SET ROLE crm_guard")
        cursor.execute("UPDATE compliance_signature SET content = ''")
        cursor.execute("SET ROLE crm_web")
        left = Signature.objects.get()
    assert (left.content, left.sha256) == ("", one.sha256)


# Showing again who one is ---------------------------------------------------------------------------------------


def asked(person, **attributes):
    request = RequestFactory().post("/sign/", {"password": PASSWORD})
    request.user = person
    for name, value in attributes.items():
        setattr(request, name, value)
    return request


def test_the_password_is_asked_again_and_a_wrong_one_is_written_down(mara):
    request = asked(mara)
    with acting_as(mara):
        wrong = SignForm({"password": "wrong"}, request=request)
        assert not wrong.is_valid()
        assert wrong.errors["password"] == ["That is not your password."]
        right = SignForm({"password": PASSWORD}, request=request)
        assert right.is_valid()
    assert (right.proof.person, right.proof.how) == (mara, "password")
    with acting_as(system("look")):
        assert AuditEntry.objects.filter(refused=True, subject_id=mara.pk).count() == 1


def test_too_many_wrong_passwords_lock_the_signature_too(mara, settings):
    with acting_as(mara):
        for _ in range(settings.AXES_FAILURE_LIMIT):
            assert prove(asked(mara), {"password": "wrong"}) is None
        assert prove(asked(mara), {"password": PASSWORD}) is None


def test_a_token_signs_nothing(mara):
    with acting_as(mara), pytest.raises(Refused, match="token"):
        prove(asked(mara, by_token=True), {"password": PASSWORD})


def test_one_module_writes_signatures_and_one_makes_proofs():
    found: dict[str, set[str]] = {"crm_write_signatures": set(), "Proof": set(), "Signature": set()}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            name = str(path.relative_to(ROOT))
            if "crm_write_signatures" in text:
                found["crm_write_signatures"].add(name)
            if "Proof(" in text and "demo" not in name:
                calls = {
                    n.func.id
                    for n in ast.walk(ast.parse(text))
                    if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
                }
                if "Proof" in calls:
                    found["Proof"].add(name)
    assert found["crm_write_signatures"] == {"compliance/grants.py", "compliance/signing.py"}
    assert found["Proof"] == {"accounts/reauthentication.py"}
