"""Every code a rule gives as its reason has a sentence."""

from __future__ import annotations

import re
from pathlib import Path

from compliance.policy import words
from compliance.policy.sentences import TEMPLATES


def test_every_code_of_the_policy_has_a_sentence_and_every_sentence_of_a_family_its_code() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in Path(words.__file__).parent.glob("*.py"))
    given = set(re.findall(r"denied\(\s*\"[^\"]+\",\s*\"(\w+)\"", sources))
    given |= {code for pair in re.findall(r'= "(\w+)" if \w+ else "(\w+)"', sources) for code in pair}
    given |= set(re.findall(r"unknown\(\s*\"(\w+)\"", sources)) | set(re.findall(r"code=\"(\w+)\"", sources))

    assert len(given) > 80
    assert given <= set(TEMPLATES)


def test_every_code_with_which_the_product_refuses_has_a_sentence() -> None:
    root = Path(words.__file__).parents[2]
    apps = [path for path in root.glob("[a-z]*/**/*.py") if path.parts[len(root.parts)] != "tests"]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in apps)
    given = set(re.findall(r'refuse\(\s*"[RT]-[^"]+",\s*"(\w+)"', sources))

    assert {"pack_unknown", "pack_failing", "pack_in_the_past", "pack_same_person", "pack_settled"} <= given
    assert given <= set(TEMPLATES)
