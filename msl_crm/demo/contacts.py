"""A year of visits, lectures and trainings."""

from __future__ import annotations

from datetime import datetime
from random import Random

from accounts.models import User
from msl_crm.demo.experts import Experts
from products.models import Use


def a_year(
    known: Experts,
    uses: dict[tuple[str, str], Use],
    users: dict[str, User],
    *,
    today: datetime,
    now: datetime,
    random: Random,
) -> None:
    """Filled in once interactions can be logged."""
