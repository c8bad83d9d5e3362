"""The trail: one sentence for each deed and each refusal, in the transaction of its cause."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from accounts.acting import acting_as, now, system
from compliance import audit, policy
from compliance.models import AuditEntry
from compliance.policy import Deed, Refused
from kols.actions import edit_kol, register_kol
from kols.models import KOL

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "compliance", "products", "kols", "safety", "interactions", "handovers", "imports")


def trail() -> list[str]:
    with acting_as(system("look")):
        return [str(entry) for entry in AuditEntry.objects.order_by("sequence")]


def test_an_entry_reads_as_a_sentence(keller):
    assert "Mara Lindqvist registered Prof. Dr. Miriam Keller" in trail()


def test_an_entry_says_who_in_which_role_and_when(mara, keller):
    with acting_as(mara):
        at = now()
        edit_kol(keller, by=mara, phone="+49 40 1")
    with acting_as(system("look")):
        entry = AuditEntry.objects.get(verb="edited")
    assert (entry.actor, entry.actor_role, entry.at, entry.subject_id, entry.facts) == (
        str(mara.pk), "MSL", at, keller.pk, {"fields": ["phone"]},
    )  # fmt: skip


def test_an_entry_keeps_the_name_and_the_role_of_then(mara, keller):
    with acting_as(system("a wedding")):
        mara.family_name = "Andersson"
        mara.save(update_fields=["family_name"])
    assert "Mara Lindqvist registered Prof. Dr. Miriam Keller" in trail()


def test_no_cause_no_entry(mara, germany):
    class Broken(Exception):
        pass

    @audit.action
    def half(by):
        register_kol(by=by, family_name="Half", main_market=germany)
        raise Broken

    with acting_as(mara):
        with pytest.raises(Broken):
            half(mara)
        assert not KOL.objects.filter(family_name="Half").exists()
    assert [line for line in trail() if "Half" in line] == []


def test_a_refused_attempt_leaves_its_line_and_nothing_else(felix, germany):
    with pytest.raises(Refused), acting_as(felix):
        register_kol(by=felix, family_name="Sneak", main_market=germany)
    with acting_as(system("look")):
        (entry,) = AuditEntry.objects.filter(refused=True)
        assert not KOL.objects.filter(family_name="Sneak").exists()
    assert str(entry) == "Felix Brandt was refused to register kol Sneak"
    assert entry.rules == ["R-102"]
    assert entry.policy_version == policy.VERSION


def test_the_sequence_never_repeats_and_only_rises(mara):
    with acting_as(mara):
        for _ in range(5):
            audit.record("wrote", by=mara)
    with acting_as(system("look")):
        numbers = list(AuditEntry.objects.order_by("pk").values_list("sequence", flat=True))
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("name", ["mara", "lena", "felix", "frieda", "petra", "rita", "sofia", "anton"])
def test_nobody_but_oversight_reads_the_trail(request, name, keller, clara):
    person = request.getfixturevalue(name)
    with acting_as(clara):
        assert AuditEntry.objects.visible_to(clara).count() > 0
    with acting_as(person):
        assert AuditEntry.objects.visible_to(person).count() == 0
        assert AuditEntry.objects.count() == 0


def test_every_public_action_leaves_a_line():
    """By the syntax tree: an action calls `audit.record`, itself or through what it calls."""
    calls: dict[str, set[str]] = {}
    actions: dict[str, str] = {}
    for app in APPS:
        for path in [*(ROOT / app).glob("*.py"), *(ROOT / app / "actions").glob("*.py")]:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    calls.setdefault(node.name, set()).update(_called(node))
                    if "actions" in str(path) and any(_is_action(word) for word in node.decorator_list):
                        actions[node.name] = str(path.relative_to(ROOT))
    assert {"register_kol", "appoint", "take_step"} <= set(actions)
    leaving = {"record", "record_all"}
    while more := {name for name, called in calls.items() if called & leaving} - leaving:
        leaving |= more
    assert {name: path for name, path in actions.items() if name not in leaving} == {}


def _called(function: ast.FunctionDef) -> set[str]:
    words = (part.func for part in ast.walk(function) if isinstance(part, ast.Call))
    return {word.attr if isinstance(word, ast.Attribute) else getattr(word, "id", "") for word in words}


def _is_action(word: ast.expr) -> bool:
    return ast.unparse(word).split("(")[0] in ("audit.action", "action", "step_action")


def test_the_policys_answer_is_kept_with_its_facts(felix):
    with pytest.raises(Refused), acting_as(felix):
        _appoint(felix)
    with acting_as(system("look")):
        (entry,) = AuditEntry.objects.filter(refused=True)
    assert entry.decision is not None
    assert entry.decision["reasons"][0][1] == "deed_not_yours"


@audit.action
def _appoint(by):
    audit.permit(Deed.GRANT_APPOINTMENT, on=None, by=by)
