"""The roles that the cast leaves out, so that a test can ask all fourteen."""

from __future__ import annotations

import pytest

from accounts.acting import acting_as, system
from accounts.models import Appointment, User
from compliance.policy import Role, side_of
from tests.conftest import EVER, SINCE
from tests.integration.all_roles import EVERYBODY, MORE


@pytest.fixture
def everybody(company):
    """The company with somebody in each of the fourteen roles."""
    with acting_as(system("set the stage")):
        for name, role in MORE.items():
            person = User.objects.create(
                email=f"{name}@example.org", given_name=name.title(), family_name="Also", role=role,
                password=company.mara.password,
            )  # fmt: skip
            post = Appointment.objects.create(
                user=person, role=role, side=side_of(role), during=EVER, recorded_at=SINCE
            )
            post.markets.add(company.germany)
            setattr(company, name, person)
    assert {getattr(company, name).role for name in EVERYBODY} == set(Role)
    return company
