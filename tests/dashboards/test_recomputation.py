"""The page on which staff have stored values computed anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kpis.actions.recomputations import start_recomputation, stop_recomputation
from kpis.models import Recomputation, State
from kpis.storage.recomputing import take_step
from tests.cast import Cast

PAGE = "/recomputation/"
ALONE = {"HX-Request": "true"}


@pytest.fixture
def staff(cast: Cast, client: Client) -> Client:
    client.force_login(cast.sam)
    return client


def shown(client: Client, **options: Any) -> str:
    return client.get(PAGE, **options).content.decode()


def test_staff_start_one_and_see_how_far_it_is(staff: Client, cast: Cast) -> None:
    assert "Nothing was computed anew yet." in shown(staff)
    assert staff.post(PAGE, {"since": "2026-02-01"}).status_code == 302
    take_step(at=timezone.now())
    (told,) = Recomputation.objects.for_listing()
    found: Any = told
    page = shown(staff, headers=ALONE)
    assert 0 < found.spans_done < found.spans
    assert f"{found.spans_done} of {found.spans} months and weeks" in page
    assert f'value="{found.spans_done}" max="{found.spans}"' in page
    assert cast.sam.name in page
    assert "since 2026-02-01" in page
    assert 'hx-trigger="every 2s"' in page


def test_it_is_stopped_and_gone_on_with(staff: Client) -> None:
    staff.post(PAGE)
    staff.post(f"{PAGE}stop/")
    assert Recomputation.objects.get().state == State.STOPPED
    assert "Go on" in shown(staff)
    assert "every 2s" not in shown(staff)
    staff.post(f"{PAGE}resume/")
    assert Recomputation.objects.get().state == State.RUNNING


def test_a_second_one_is_refused(staff: Client) -> None:
    staff.post(PAGE)
    answer = staff.post(PAGE)
    assert answer.status_code == 422
    assert "A recomputation is under way already." in answer.content.decode()


def test_a_day_to_come_is_refused(staff: Client) -> None:
    answer = staff.post(PAGE, {"since": "2199-01-01"})
    assert answer.status_code == 422
    assert "Choose a day that is not in the future." in answer.content.decode()
    assert not Recomputation.objects.exists()


def test_earlier_ones_are_listed(staff: Client, cast: Cast) -> None:
    now = timezone.now()
    for _ in range(2):
        start_recomputation(by=None, at=now)
        stop_recomputation(by=None, at=now, problem="ValueError: odd")
    page = shown(staff)
    assert page.count("by schedule or command") == 2
    assert "ValueError: odd" in page


def test_koreans_read_it_in_korean(staff: Client, cast: Cast) -> None:
    cast.sam.language = "ko"
    cast.sam.save()
    staff.post(PAGE)
    assert "재계산" in shown(staff)
    assert "진행 중" in shown(staff)
