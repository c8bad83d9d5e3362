"""The narrow ways by which a record could still show: headers, caches, inline scripts, errors of the database, logs."""

from __future__ import annotations

import logging
import re
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.acting import acting_as
from kols.actions import set_science

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

INLINE = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+=|\sstyle=|javascript:", re.IGNORECASE)


@pytest.fixture
def pages(relation, keller, mara, client_of):
    """A few pages of Mara's that show what Medical knows."""
    browser = client_of(mara)
    names = [("home", ()), ("kols:list", ()), ("kols:detail", (keller.pk,)), ("interactions:list", ())]
    return [browser.get(reverse(name, args=args)) for name, args in names]


def test_no_page_is_kept_by_a_cache_on_the_way(pages):
    for page in pages:
        assert {"private", "no-store"} <= set(re.split(r",\s*", page["Cache-Control"]))


def test_a_script_in_a_text_is_text(relation, keller, mara, client_of):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    with acting_as(mara):
        set_science(keller, tier=1, rationale=hostile, interests=[hostile], by=mara)
    page = client_of(mara).get(reverse("kols:detail", args=[keller.pk]))
    assert b"&lt;script&gt;alert(1)" in page.content
    assert b"<script>alert(1)" not in page.content
    assert b"<img src=x" not in page.content


def test_the_browser_is_told_to_run_nothing_inline_and_no_page_needs_it(pages):
    for page in pages:
        policy = page["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert INLINE.findall(page.content) == []


def test_an_error_of_the_database_shows_no_value_of_a_guarded_row(visit, science, keller, felix, mara):
    """PostgreSQL leaves keys and rows out of its messages where row-level security holds."""
    with acting_as(mara), connection.cursor() as cursor:
        cursor.execute("SELECT rationale FROM kols_scientificprofile")
        secret = cursor.fetchone()[0]
        said = []
        for sql in (
            "INSERT INTO kols_scientificprofile SELECT * FROM kols_scientificprofile",
            "UPDATE kols_scientificprofile SET tier = NULL, kol_id = NULL",
            "UPDATE interactions_interaction SET side_effect = NULL",
        ):
            with pytest.raises(IntegrityError) as error, transaction.atomic():
                cursor.execute(sql)
            said.append(str(error.value))
        # Where no such security holds, it does name them.
        with pytest.raises(IntegrityError, match=str(keller.pk)), transaction.atomic():
            cursor.execute("INSERT INTO kols_kol SELECT * FROM kols_kol")
    assert secret
    for words in said:
        assert secret not in words
        assert str(keller.pk) not in words
        assert "Failing row" not in words
        assert "already exists" not in words


def test_the_log_keeps_no_content_of_a_record(visit, science, keller, mara, felix, client_of, caplog):
    caplog.set_level(logging.DEBUG, logger="django.request")
    hers, his = client_of(mara), client_of(felix)
    hers.get(reverse("kols:detail", args=[keller.pk]))
    his.get(reverse("kols:detail", args=[keller.pk]))
    his.get(reverse("kols:detail", args=[uuid.uuid4()]))
    hers.post(reverse("interactions:new") + f"?kol={keller.pk}", {"note": "Wombat", "kind": "VISIT"})
    assert "Not Found" in caplog.text
    for word in ("Wombat", "Keller", "Numbat", mara.email, felix.email):
        assert word not in caplog.text
