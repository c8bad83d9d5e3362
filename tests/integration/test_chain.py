"""The chain: every entry and every changed row is sealed once, and whatever is done to it past the product is found."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.acting import acting_as, system
from accounts.models import Notice
from compliance import audit, chain, verification
from compliance.models import Anchor, AuditEntry, RowChange, Salt, Seal, Unsealed
from compliance.verifier import verify_trail
from tests.integration.forgeries import FORGERIES, forge
from tests.integration.test_two_locks import ask

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.chain_stage"]


def looked(model):
    with acting_as(system("look")):
        return list(model.objects.all())


def problems() -> list[str]:
    result = verification.verify(verification.own_anchors(), why="test")
    assert result["unbroken"] is (result["problem_count"] == 0)
    return [what for _, what in result["problems"]]


def test_every_entry_and_every_changed_row_is_sealed_once(sealed):
    seals = looked(Seal)
    assert [one.sequence for one in seals] == list(range(1, sealed + 1))
    assert {one.key for one in seals if one.kind == "E"} == {one.sequence for one in looked(AuditEntry)}
    assert {one.key for one in seals if one.kind == "R"} == {one.sequence for one in looked(RowChange)}
    assert (looked(Unsealed), len(looked(Salt))) == ([], sealed)
    assert chain.seal() == 0
    assert problems() == []


def test_a_seal_names_ids_and_no_content(sealed, keller, mara):
    (one,) = [seal for seal in looked(Seal) if seal.action == "edited"]
    assert (one.actor, one.object, one.kind) == (str(mara.pk), f"kols.KOL:{keller.pk}", "E")
    told = " ".join(f"{one.actor} {one.action} {one.object}" for one in looked(Seal))
    assert [name for name in ("Keller", "Lindqvist") if name in told] == []


def test_it_is_sealed_in_batches_and_goes_on_where_it_ended(keller):
    waiting = len(looked(Unsealed))
    assert waiting > 5
    assert chain.seal_some(3) == 3
    assert chain.seal_some(waiting) == waiting - 3
    assert [one.sequence for one in looked(Seal)] == list(range(1, waiting + 1))
    assert problems() == []


def test_what_is_rolled_back_is_not_sealed_and_leaves_no_gap(sealed, mara):
    with acting_as(mara):
        with transaction.atomic():
            audit.record("never did", by=mara)
            transaction.set_rollback(True)
        audit.record("did", by=mara)
    assert chain.seal() == 1
    assert (looked(Seal)[-1].sequence, looked(Seal)[-1].action) == (sealed + 1, "did")
    assert problems() == []


def test_what_was_there_before_the_chain_is_queued_by_the_owner_who_migrates(sealed):
    *statements, found = FORGERIES["an entry was put in"]
    forge(*statements)
    assert problems() == [found]
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute((Path(chain.__file__).parent / "sql" / "seal_left.sql").read_text())
            cursor.execute("SET ROLE crm_web")
        chain.seal()
        assert problems() == []


def test_only_the_product_seals_and_anchors(sealed, clara):
    for call in ("SELECT crm_seal(5)", "SELECT crm_note_anchor(1, 'file')"):
        with (
            acting_as(clara),
            pytest.raises(DatabaseError, match="by the product alone"),
            transaction.atomic(),
        ):
            ask(call)


@pytest.mark.parametrize("name", FORGERIES)
def test_what_the_owner_of_the_database_does_to_it_is_found(sealed, name):
    assert problems() == []
    *statements, found = FORGERIES[name]
    forge(*statements)
    assert found in problems()


def test_a_rewritten_trail_is_unbroken_in_itself_and_only_anchors_tell(sealed, anchors):
    forge(*FORGERIES["all of it is written anew"][:-1])
    anchors.unlink()
    assert problems() == []


def test_a_broken_trail_is_told_to_compliance_and_is_an_event(sealed, clara):
    forge(*FORGERIES["a seal says another thing"][:-1])
    assert problems() != []
    with acting_as(clara):
        assert Notice.objects.filter(person=clara, kind="trail_broken", urgent=True).count() == 1
        entry = AuditEntry.objects.visible_to(clara).get(verb="verified the trail")
    assert (entry.facts["unbroken"], entry.facts["why"], entry.facts["problem_count"]) == (False, "test", 1)
    assert len(entry.facts["neighbours"]) == 2


# Erasure -------------------------------------------------------------------------------------------


def test_a_lawful_erasure_leaves_the_chain_whole(sealed, keller, mara, as_owner):
    with acting_as(mara):
        ask("SELECT crm_erase_from_trail(ARRAY[%s]::uuid[], 'She asked for it')", keller.pk)
    with acting_as(system("look")):
        held = "".join(str(row) for row in ask("SELECT to_jsonb(e)::text FROM compliance_auditentry e"))
        held += "".join(str(row) for row in ask("SELECT to_jsonb(c)::text FROM compliance_rowchange c"))
        assert ("Mara" in held, "Keller" in held) == (True, False)
        entry = AuditEntry.objects.get(verb="erased from the trail")
        assert (entry.actor, entry.facts["reason"]) == (str(mara.pk), "She asked for it")
    chain.seal()
    assert problems() == []
    assert verification.last_result is not None


def test_a_row_that_is_not_sealed_yet_is_not_erased(keller, as_owner):
    with (
        acting_as(system("erase")),
        pytest.raises(DatabaseError, match="not sealed yet"),
        transaction.atomic(),
    ):
        ask("SELECT crm_erase_from_trail(ARRAY[%s]::uuid[], 'She asked')", keller.pk)


def test_nobody_claims_an_erasure(mara):
    with acting_as(mara), pytest.raises(DatabaseError, match="writes its own entry"), transaction.atomic():
        audit.record("erased from the trail", by=mara, sealed=[[1, 99]])


# Anchors -------------------------------------------------------------------------------------------


def test_an_anchor_is_due_after_a_hundred_seals_or_a_minute(sealed, anchors, mara, as_owner):
    assert len(anchors.read_text().splitlines()) == 1
    with acting_as(mara):
        audit.record("wrote", by=mara)
    chain.seal()
    assert len(looked(Anchor)) == 1
    with acting_as(mara):
        audit.record_all([{"verb": "wrote", "by": mara}] * 99)
    chain.seal()
    assert [one.sequence for one in looked(Anchor)] == [sealed + 100, sealed]
    with acting_as(mara):
        audit.record("wrote", by=mara)
    chain.seal()
    assert len(looked(Anchor)) == 2
    forge("UPDATE compliance_anchor SET at = at - interval '61 seconds'")
    assert chain.anchor() == "file"
    assert chain.anchor() == ""
    lines = [json.loads(line) for line in anchors.read_text().splitlines()]
    assert [line["sequence"] for line in lines] == [sealed, sealed + 100, sealed + 101]
    assert problems() == []


def test_a_place_that_fails_keeps_no_other_from_being_written(sealed, settings, tmp_path, mailoutbox, mara):
    (tmp_path / "in the way").write_text("")
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "in the way" / "anchors.jsonl")
    settings.AUDIT_ANCHOR_FOLDER = str(tmp_path / "days")
    settings.AUDIT_ANCHOR_MAIL = "anchors@example.org"
    with acting_as(mara):
        audit.record_all([{"verb": "wrote", "by": mara}] * 200)
    chain.seal(100)
    assert {one.places for one in looked(Anchor)} == {"file", "folder, mail", "folder"}
    (day,) = (tmp_path / "days").iterdir()
    assert len(day.read_text().splitlines()) == 2
    assert [mail.subject for mail in mailoutbox] == ["Anchor of the trail"]


def test_no_place_no_anchor(keller):
    chain.seal()
    assert looked(Anchor) == []


def test_an_anchor_with_another_signature_is_none(sealed, anchors, settings):
    settings.AUDIT_ANCHOR_KEY = "another key"
    assert problems() == ["line 1 of the anchors is not signed with the key"]


# Commands ------------------------------------------------------------------------------------------


def test_an_export_is_checked_by_the_file_that_stands_alone(sealed, anchors, tmp_path, capsys):
    export = tmp_path / "trail.jsonl"
    call_command("export_audit", str(export), stderr=StringIO())
    (tmp_path / "key").write_text("known to Compliance alone\n")
    asked = [str(export), "--anchors", str(anchors), "--key-file", str(tmp_path / "key")]
    assert verify_trail.main(asked) == 0
    assert f"UNBROKEN: {sealed} seals" in capsys.readouterr().out
    export.write_text(export.read_text().replace("Mara", "Sara", 1))
    assert verify_trail.main(asked) == 1
    with acting_as(system("look")):
        entry = AuditEntry.objects.get(verb="exported the trail")
    assert (entry.facts["rows"], len(entry.facts["sha256"])) == (sealed, 64)


def test_the_command_says_by_its_exit_status_whether_it_is_unbroken(sealed, anchors, capsys):
    call_command("verify_audit", anchors=str(anchors), why="after a restore")
    assert f"UNBROKEN: {sealed} seals" in capsys.readouterr().out
    with acting_as(system("look")):
        assert AuditEntry.objects.get(verb="verified the trail").facts["why"] == "after a restore"
    forge(*FORGERIES["a seal says another thing"][:-1])
    with pytest.raises(SystemExit) as left:
        call_command("verify_audit")
    assert left.value.code == 1
    with pytest.raises(CommandError):
        call_command("verify_audit", anchors=str(anchors) + ".none")


def test_a_monitor_sees_that_sealing_is_late(sealed, capsys, mara):
    call_command("trail_health")
    assert json.loads(capsys.readouterr().out)["unsealed_seconds"] == 0
    with acting_as(mara):
        audit.record("wrote", by=mara)
    forge("UPDATE compliance_unsealed SET at = at - interval '900 seconds'")
    with pytest.raises(SystemExit):
        call_command("trail_health")
    told = json.loads(capsys.readouterr().out)
    assert (800 < told["unsealed_seconds"] <= 900, told["sealed"], told["anchored"]) == (True, sealed, sealed)
    assert timedelta(seconds=59) < chain.LATE
