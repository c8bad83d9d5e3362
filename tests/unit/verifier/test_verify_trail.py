"""What the verifier says of each single thing that can be wrong, and of nothing else."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from compliance.verifier import verify_trail
from compliance.verifier.verify_trail import Trail, mac_of, main, parsed, read_export, told
from tests.unit.verifier.chains import KEY, anchor, chain, erased, export, reseal, seal

FIVE = chain(5)


def read(lines, anchors=(), key=KEY):
    trail = Trail()
    trail.expect(anchors, key)
    seen = []
    read_export(trail, lines, lambda trail: seen.append(trail.count))
    assert seen == list(range(1, trail.count + 1))
    unbroken = trail.close()
    assert unbroken is (trail.problems == [])
    return trail


def problems(lines, anchors=(), key=KEY):
    return read(lines, anchors, key).problems


def changed(place, **fields):
    return [{**one, **fields} if one["sequence"] == place else one for one in FIVE]


def test_a_true_export_is_unbroken():
    trail = read(export(FIVE), [anchor(FIVE[3])])
    assert trail.result() == {
        "unbroken": True, "count": 5, "head": FIVE[4]["hash"], "first_at": FIVE[0]["sealed_at"],
        "last_at": FIVE[4]["sealed_at"], "anchored": 4, "erased": 0, "problems": [], "problem_count": 0, "neighbours": [],
    }  # fmt: skip


def test_an_empty_trail_is_unbroken():
    trail = read(export([]))
    assert trail.result() == {
        "unbroken": True, "count": 0, "head": "0" * 64, "first_at": "", "last_at": "", "anchored": 0, "erased": 0,
        "problems": [], "problem_count": 0, "neighbours": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["previous", "at", "sealed_at", "actor", "action", "object", "commitment", "kind", "key", "sequence"],
)
def test_the_hash_covers_every_field(name):
    value = 77 if name in ("key", "sequence") else "f" * 64
    assert (3, "its hash is not its own") in problems(export(changed(3, **{name: value})))


def test_what_is_wrong_is_said_where_it_is():
    assert problems(export(changed(3, actor="x"))) == [(3, "its hash is not its own")]
    assert problems(export(changed(3, payload="{}"))) == [(3, "its payload is not the one that was sealed")]
    assert problems(export(changed(3, salt="00"))) == [(3, "its payload is not the one that was sealed")]
    assert problems(export(changed(3, salt="no hex"))) == [(3, "it cannot be read")]
    assert problems(export(changed(3, salt=None))) == [(3, "its salt or its payload is missing")]
    assert problems(export(changed(3, payload=None))) == [(3, "its salt or its payload is missing")]
    assert problems(export(changed(3, salt=7))) == [(3, "it cannot be read")]


def test_a_forged_hash_breaks_the_next_one_as_well():
    assert problems(export(changed(3, hash="f" * 64))) == [
        (3, "its hash is not its own"),
        (4, "it does not follow the one before it"),
    ]


def test_a_seal_that_is_gone():
    assert problems(export([*FIVE[:2], *FIVE[3:]])) == [
        (3, "number 4 stands in the place of 3"), (3, "it does not follow the one before it"),
        (4, "number 5 stands in the place of 4"),
    ]  # fmt: skip


def test_the_neighbours_of_the_first_break_are_named():
    trail = read(export(changed(3, actor="x", hash="f" * 64)))
    assert trail.neighbours == [(2, FIVE[1]["hash"]), (3, "f" * 64)]
    assert read(export(changed(1, actor="x"))).neighbours == [(0, "0" * 64), (1, FIVE[0]["hash"])]
    for odd in (7, "\ud800"):
        assert read(export(changed(3, hash=odd))).neighbours == [(2, FIVE[1]["hash"]), (3, "")]


@pytest.mark.parametrize(
    "fields",
    [
        {"more": 1},
        {"sequence": "3"},
        {"sequence": True},
        {"key": 1.0},
        {"actor": None},
        {"hash": 5},
        {"payload": []},
    ],
)
def test_a_line_that_is_no_seal(fields):
    assert (3, "it cannot be read") in problems(export(changed(3, **fields)))


def test_a_seal_without_a_field():
    seals = [dict(one) for one in FIVE]
    del seals[2]["object"]
    assert problems(export(seals)) == [(3, "it cannot be read")]


@pytest.mark.parametrize("line", ["", "{", "[]", "7", '{"sequence": 3, "sequence": 3}', "[" * 100_000])
def test_a_line_that_is_no_object(line):
    lines = export(FIVE)
    lines[3] = line
    assert problems(lines) == [(3, "it cannot be read"), (4, "it does not follow the one before it")]


def test_a_name_twice_in_a_line_is_refused_at_any_depth():
    with pytest.raises(ValueError, match=r"^$"):
        parsed('{"a": {"b": 1, "b": 2}}')
    assert parsed('{"a": {"b": 1}, "c": {"b": 2}}') == {"a": {"b": 1}, "c": {"b": 2}}


def test_what_is_sealed_twice():
    assert problems(export(reseal([*FIVE, FIVE[1]]))) == [(6, "E2 is sealed a second time")]
    assert problems(export(reseal([*FIVE, FIVE[0]]))) == [(6, "R1 is sealed a second time")]


@pytest.mark.parametrize("keys", [(2, 1), (1, 1001), (0, 1000), (999, 1000), (1, 2), (1023, 1024)])
def test_keys_are_told_apart(keys):
    seals = [{**seal(1, kind="R"), "key": key} for key in keys]
    assert problems(export(reseal(seals))) == []
    assert problems(export(reseal([*seals, seals[0]]))) == [(3, f"R{keys[0]} is sealed a second time")]
    assert problems(export(reseal([seals[0], {**seals[0], "kind": "E"}]))) == []


# Erasure


def test_an_erasure_on_record_excuses_what_it_names_and_no_more():
    log = seal(6, "erased from the trail", facts={"sealed": [[2, 3], [5, 5]]})
    seals = reseal([*FIVE, log])
    trail = read(export(erased(seals, 2, 3, 5)))
    assert (trail.problems, trail.erased) == ([], 3)
    gone = "its payload is gone, and no erasure says why"
    assert problems(export(erased(seals, 1, 2, 3, 4, 5))) == [(1, gone), (4, gone)]


def test_an_erasure_excuses_nothing_that_comes_later():
    log = seal(1, "erased from the trail", facts={"sealed": [[2, 2]]})
    assert problems(export(erased(reseal([log, seal(2)]), 2))) == [
        (2, "its payload is gone, and no erasure says why")
    ]


@pytest.mark.parametrize("fields", [{"kind": "R"}, {"action": "erased"}])
def test_only_the_entry_of_an_erasure_excuses(fields):
    log = {**seal(6, "erased from the trail", facts={"sealed": [[2, 2]]}), **fields}
    assert problems(export(erased(reseal([*FIVE, log]), 2))) == [
        (2, "its payload is gone, and no erasure says why")
    ]


def test_a_forged_erasure_excuses_nothing():
    log = seal(6, "erased from the trail", facts={"sealed": []})
    seals = reseal([*FIVE, log])
    seals[5]["payload"] = json.dumps({"facts": {"sealed": [[2, 2]]}})
    assert problems(export(erased(seals, 2))) == [
        (6, "its payload is not the one that was sealed"), (2, "its payload is gone, and no erasure says why"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "payload", ["{}", '{"facts": {"sealed": [[1]]}}', '{"facts": {"sealed": 5}}', "no", "[" * 100_000]
)
def test_an_erasure_that_cannot_be_read(payload):
    log = {**seal(6, "erased from the trail"), "payload": payload}
    assert problems(export(reseal([*FIVE, log]))) == [(6, "it cannot be read")]


# The ends of an export


def test_a_first_line_that_names_another_form():
    lines = export(FIVE)
    assert problems(['{"form": "msl-crm trail 2"}', *lines[1:]]) == [
        (0, "the first line does not name the form")
    ]
    assert problems(['{"form": "msl-crm trail 1", "x": 1}', *lines[1:]])[0] == (
        0,
        "the first line does not name the form",
    )
    assert problems(lines[1:])[0] == (0, "the first line does not name the form")


def test_an_export_that_breaks_off():
    said = (5, "the export does not end as it says")
    lines = export(FIVE)
    assert problems(lines[:-1]) == [said]
    assert problems([*lines[:-1], json.dumps({"end": 6, "hash": FIVE[4]["hash"]})]) == [said]
    assert problems([*lines[:-1], json.dumps({"end": 5, "hash": FIVE[3]["hash"]})]) == [said]
    assert problems([*lines, lines[3]]) == [(5, "there are lines after the end")]
    assert problems([]) == [(0, "the export does not end as it says")]


# Anchors


def test_anchors_find_a_cut_tail_and_a_new_trail():
    cut = problems(export(FIVE[:3]), [anchor(FIVE[2]), anchor(FIVE[4]), anchor(FIVE[3])])
    said = "it was anchored, and is not there: the tail is cut off"
    assert cut == [(4, said), (5, said)]
    new = reseal([{**one, "actor": "x"} for one in FIVE])
    trail = read(export(new), [anchor(FIVE[2]), anchor(FIVE[4])])
    assert trail.problems == [
        (3, "it is not the one that was anchored"),
        (5, "it is not the one that was anchored"),
    ]
    assert trail.anchored == 0
    assert len(trail.neighbours) == 2


def test_two_anchors_of_one_seal_must_agree():
    assert problems(export(FIVE), [anchor(FIVE[2]), anchor(FIVE[2])]) == []
    other = reseal([{**one, "actor": "x"} for one in FIVE])
    assert problems(export(FIVE), [anchor(FIVE[2]), anchor(other[2])]) == [
        (3, "it is not the one that was anchored")
    ]


def test_an_anchor_must_be_signed_with_the_key_if_there_is_one():
    assert problems(export(FIVE), [anchor(FIVE[2], b"another")]) == [
        (0, "line 1 of the anchors is not signed with the key")
    ]
    assert problems(export(FIVE), [anchor(FIVE[4]), anchor(FIVE[2], b"")]) == [
        (0, "line 2 of the anchors is not signed with the key")
    ]
    assert problems(export(FIVE), [anchor(FIVE[2], b"another"), anchor(FIVE[3], b"")], key=b"") == []
    made = json.loads(anchor(FIVE[2]))
    for name, value in (("sequence", 4), ("hash", FIVE[3]["hash"]), ("at", "2026-02-02")):
        assert mac_of({**made, name: value}, KEY) != made["mac"]


@pytest.mark.parametrize(
    "line",
    [
        "", "[]", "{}", '{"sequence": 1, "hash": "x", "at": "y"}',
        '{"sequence": "1", "hash": "x", "at": "y", "mac": "z"}',
        '{"sequence": 1, "hash": "x", "at": "y", "mac": "z", "more": 1}',
        '{"sequence": 1, "hash": "x", "at": 5, "mac": "z"}',
        '{"sequence": 1, "hash": "x", "at": "y", "mac": 5}',
        '{"sequence": true, "hash": "x", "at": "y", "mac": "z"}', '{"sequence": 2, "hash": [], "at": "y", "mac": "z"}',
        "[" * 100_000,
    ],
)  # fmt: skip
def test_a_line_that_is_no_anchor(line):
    for key in (b"", KEY):
        found = problems(export(FIVE), [anchor(FIVE[4]), line], key)
        assert found == [(0, "line 2 of the anchors cannot be read")]


def test_an_anchor_before_the_first_seal_is_missing():
    line = '{"sequence": 0, "hash": "x", "at": "y", "mac": ""}'
    assert problems(export(FIVE), [line], b"") == [
        (0, "it was anchored, and is not there: the tail is cut off")
    ]
    surrogate = json.dumps({**json.loads(line), "mac": "\ud800"})
    assert problems(export(FIVE), [surrogate], KEY) == [(0, "line 1 of the anchors cannot be read")]


def test_an_anchor_that_cannot_be_read_hides_no_other():
    assert problems(export(FIVE[:4]), ["", anchor(FIVE[4])])[1:] == [
        (5, "it was anchored, and is not there: the tail is cut off")
    ]


# What it says


def test_the_result_in_sentences():
    assert told(read(export(FIVE), [anchor(FIVE[3])]).result()) == [
        f"UNBROKEN: 5 seals from {FIVE[0]['sealed_at']} to {FIVE[4]['sealed_at']}", "Anchored up to 4 of 5",
        "Lawfully erased: 0", f"Fingerprint: {FIVE[4]['hash']}",
    ]  # fmt: skip
    assert told(read(export(changed(3, actor="x"))).result()) == [
        "BROKEN: 1 problems in 5 seals", "  at 3: its hash is not its own", f"  seal 2 has the hash {FIVE[1]['hash']}",
        f"  seal 3 has the hash {FIVE[2]['hash']}",
        "No anchor was met: a cut tail or a whole new trail would not be noticed",
        "Lawfully erased: 0", f"Fingerprint: {FIVE[4]['hash']}",
    ]  # fmt: skip


def test_at_most_twenty_problems_are_listed():
    result = read(export([{**one, "actor": "x"} for one in chain(30)])).result()
    assert (result["problem_count"], len(result["problems"]), result["problems"][0]) == (
        30,
        20,
        [1, "its hash is not its own"],
    )
    assert result["neighbours"][1][0] == 1


# The program


def run(*arguments, **how):
    """Exit status, and the lines of both outputs."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments], **how)
    return code, out.getvalue().splitlines(), err.getvalue().splitlines()


def test_the_program(tmp_path):
    exported, anchors, key, result = (tmp_path / name for name in ("trail", "anchors", "key", "result"))
    exported.write_text("\n".join(export(FIVE)) + "\n", encoding="utf-8")
    anchors.write_text(anchor(FIVE[3]) + "\n")
    key.write_bytes(b" " + KEY + b"\n")
    ticks = iter([10.0, 12.0, 14.0])
    asked = (exported, "--anchors", anchors, "--key-file", key)
    said = told(read(export(FIVE), [anchor(FIVE[3])]).result())
    progress = ["Checked 2, 1 a second", "Checked 4, 1 a second"]
    assert run(*asked, "--result", result, clock=lambda: next(ticks), every=2) == (0, said, progress)
    assert json.loads(result.read_text())["anchored"] == 4
    key.write_bytes(b"another")
    code, lines, _ = run(*asked)
    assert (code, lines[1]) == (1, "  at 0: line 1 of the anchors is not signed with the key")
    for missing in ((tmp_path / "none",), (exported, "--anchors", tmp_path / "none")):
        code, lines, errors = run(*missing)
        assert (code, lines, "none" in errors[0]) == (2, [], True)


def test_no_time_at_all_is_no_error(tmp_path):
    exported = tmp_path / "trail"
    exported.write_text("\n".join(export(FIVE)), encoding="utf-8")
    assert run(exported, clock=lambda: 5.0, every=5)[2] == ["Checked 5, 5000 a second"]


def test_bytes_that_are_no_text_are_found(tmp_path):
    exported, anchors = tmp_path / "trail", tmp_path / "anchors"
    exported.write_bytes("\n".join(export(FIVE)).encode().replace("Müller 3".encode(), b"M\xffller 3"))
    assert run(exported)[0] == 1
    anchors.write_bytes(b"\xff\n")
    exported.write_text("\n".join(export(FIVE)), encoding="utf-8")
    assert run(exported, "--anchors", anchors)[0] == 1
    assert run(exported)[0] == 0


def test_it_is_a_program(tmp_path, monkeypatch):
    exported = tmp_path / "trail"
    exported.write_text("\n".join(export(FIVE[:3])), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["verify_trail.py", str(exported)])
    out = StringIO()
    # It is imported already, which is of no importance here.
    with redirect_stdout(out), warnings.catch_warnings(action="ignore"), pytest.raises(SystemExit) as left:
        runpy.run_module("compliance.verifier.verify_trail", run_name="__main__")
    assert (left.value.code, "UNBROKEN: 3 seals" in out.getvalue()) == (0, True)


def test_it_stands_alone(tmp_path):
    """The file, Python, and nothing of ours or anybody's beside it."""
    exported = tmp_path / "trail"
    exported.write_text("\n".join(export(FIVE)), encoding="utf-8")
    program = tmp_path / "verify_trail.py"
    program.write_bytes(Path(verify_trail.__file__).read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(program), str(exported)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[0].startswith("UNBROKEN: 5 seals")) == (0, True)
