"""The pages of the model and of accuracy, over a demo company that has learned."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from forecasting.accuracy.horizons import Horizon
from forecasting.actions.replays import replay_period
from forecasting.actions.runs import learn_period
from periods import Grain, Period
from pipeline.demo.plan import Plan
from pipeline.demo.seeding import seed
from tests.cast import Cast
from tests.forecasting.imagined import SEOUL

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def company(now: datetime, client: Client) -> Client:
    seed(Plan(400, 4, now, SEOUL), say=lambda _line: None)
    running = Period.containing(SEOUL.business_day(now), Grain.QUARTER, SEOUL)
    learn_period(period=running, at=now)
    replay_period(period=running.previous(), horizon=Horizon.START, at=now)
    client.force_login(User.objects.get(email="executive@demo.example"))
    return client


@pytest.mark.parametrize(("language", "title"), [("ko", "목표 달성 가능성"), ("en", "target is")])
def test_the_page_says_the_chance_and_weighs_deals(
    company: Client, language: str, title: str
) -> None:
    User.objects.update(language=language)
    with CaptureQueriesContext(connection) as queries:
        text = company.get("/forecast/model/").content.decode()

    assert title in text
    assert "P50" in text
    assert "▲" in text
    assert len(queries) < 60


def test_accuracy_is_told_by_method_quarter_and_node(company: Client) -> None:
    User.objects.update(language="en")
    for horizon in ("start", "middle"):
        for by in ("team", "rep", "whole"):
            asked = {"horizon": horizon, "by": by}
            assert company.get("/forecast/accuracy/", asked).status_code == 200
    text = company.get("/forecast/accuracy/").content.decode()

    assert "Stage-weighted" in text
    assert "Error by quarter" in text
    assert "to claim any skill" in text
    assert company.get("/forecast/accuracy/", {"by": "moon"}).status_code == 400


def test_a_rep_is_told_of_their_own_work_alone(company: Client) -> None:
    rep = User.objects.get(email="rep@demo.example")
    User.objects.update(language="en")
    company.force_login(rep)

    own = company.get("/forecast/model/").content.decode()

    assert "By team" not in own
    assert company.get("/forecast/model/", {"scope": "company"}).status_code == 403
    assert company.get("/api/v1/forecast/accuracy/", {"scope": "company"}).status_code == 403


def test_without_history_the_pages_say_what_is_missing(cast: Cast, client: Client) -> None:
    User.objects.update(language="en")
    client.force_login(cast.eunji)
    assert "Nothing was learned" in client.get("/forecast/model/").content.decode()
    past = client.get("/forecast/model/", {"period": "last-quarter"}).content.decode()
    assert "This period is over" in past
    now = timezone.now()
    learn_period(period=SEOUL.parse("this-quarter", at=now), at=now)

    assert "Not enough history" in client.get("/forecast/model/").content.decode()
    assert "No past quarter" in client.get("/forecast/accuracy/").content.decode()
