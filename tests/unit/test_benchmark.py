"""The benchmark's own promises: a missed target is marked, and no foreign database is thrown away."""

from __future__ import annotations

import pytest

from msl_crm.benchmark import databases, report
from msl_crm.benchmark.measure import Result, with_slopes
from msl_crm.benchmark.pages import Page

PAGE = Page("A page", "somebody", lambda _: [], "", lambda _: [], statements=8, median=30, rate=60)


def test_a_met_target_stands_unmarked_and_a_missed_one_is_marked():
    met = Result(PAGE, statements=8, median=29.9, rate=61, sql=3)
    missed = Result(PAGE, statements=9, median=31, rate=59, sql=3)
    _head, _rule, first, second = report.table([met, missed])

    assert "!" not in first
    assert second.count("!") == 3
    assert "10.3" in second


def test_growth_is_told_against_the_smaller_company():
    [grown] = with_slopes([Result(PAGE, 8, 26, 60, 3)], [Result(PAGE, 8, 20, 60, 3)])

    assert grown.slope == pytest.approx(1.3)
    assert "!1.30" in list(report.table([grown]))[2]


@pytest.mark.parametrize("name", ["crm", "crm_benchmark", "postgres"])
def test_only_the_benchmarks_own_databases_are_thrown_away(name):
    with pytest.raises(ValueError, match="not the benchmark's"):
        databases.drop(name)
