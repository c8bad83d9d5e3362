"""The stage of review: a second officer, entries of last quarter, a deviation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.acting import acting_as, system
from accounts.models import Appointment, Market, User
from compliance.actions import report_deviation
from compliance.findings import Finding
from compliance.policy import Role, Side
from reviews.actions import draw_sample
from tests.conftest import EVER, SINCE
from tests.integration.review_words import AT, QUARTER, WEDNESDAY, entry, forbidden


@pytest.fixture
def chris(company):
    """Compliance as well; a finding needs two of them at least."""
    with acting_as(system("set the stage")):
        user = User.objects.create(
            email="chris@example.org", given_name="Chris", family_name="Adam", role=Role.COMPLIANCE
        )
        post = Appointment.objects.create(
            user=user, role=Role.COMPLIANCE, side=Side.OVERSIGHT, during=EVER, recorded_at=SINCE
        )
        post.markets.set(Market.objects.all())
    return user


@pytest.fixture
def entries(company, novastat_hf):
    """Ten quiet entries of Mara's and ten of Moritz's, day by day in July 2026."""
    return [
        entry(author, novastat_hf, WEDNESDAY + timedelta(days=7 * (n % 5), hours=n // 5))
        for author in (company.mara, company.moritz)
        for n in range(10)
    ]


@pytest.fixture
def sample(entries, germany, clara):
    since, until = QUARTER
    with acting_as(clara):
        return draw_sample(germany, since=since, until=until, by=clara, seed="2026-Q3")


@pytest.fixture
def deviation(mara):
    with acting_as(mara):
        return report_deviation(forbidden(), "I spoke too early.", happened_at=AT, by=mara)


@pytest.fixture
def finding(deviation):
    with acting_as(system("look")):
        return Finding.objects.select_related("market").get(deviation=deviation)
