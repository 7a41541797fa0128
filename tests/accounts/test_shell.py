"""Instants and days as pages write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Company
from accounts.templatetags.shell import when


# Twenty-five hours apart: in one of them it is another day than in Seoul, whatever the time.
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.django_db
def test_today_is_the_companys_wherever_one_reads_it(zone: str) -> None:
    today = Company.current().calendar.business_day(timezone.now())
    with timezone.override(zone):
        assert ">today</time>" in when(today)
        assert ">in 1 day</time>" in when(today + timedelta(days=1))


def test_an_instant_is_told_by_its_distance_and_nothing_by_a_dash() -> None:
    assert ">3 hours ago</time>" in when(timezone.now() - timedelta(hours=3, minutes=20))
    assert when(None) == "–"
