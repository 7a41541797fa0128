"""Saved what-ifs: kept, shared, changed, had back, compared and taken away."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from forecasting.actions.runs import learn_period
from forecasting.models import Scenario
from periods import Grain, Period
from pipeline.demo.plan import Plan
from pipeline.demo.seeding import seed
from tests.cast import Cast
from tests.forecasting.imagined import SEOUL

pytestmark = pytest.mark.django_db
PAGE, API = "/forecast/what-if/", "/api/v1/forecast/"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def company(now: datetime, client: Client) -> Client:
    seed(Plan(400, 4, now, SEOUL), say=lambda _line: None)
    learn_period(period=Period.containing(SEOUL.business_day(now), Grain.QUARTER, SEOUL), at=now)
    User.objects.update(language="en")
    client.force_login(User.objects.get(email="executive@demo.example"))
    return client


def kept(cast: Cast, owner: User, **fields: Any) -> Scenario:
    said = {"name": "More calls", "scope": f"user:{owner.pk}", "period": "2026-Q4", **fields}
    return Scenario.objects.create(owner=owner, **said)


def as_person(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(pk=user.pk))
    return client


def test_the_page_shows_each_rate_as_it_is_and_would_be(company: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        text = company.get(PAGE, {"win_rate": "120", "churn": "150"}).content.decode()

    assert "Reaching the target would be" in text
    assert "→" in text
    assert "so that the target rises to" in text
    assert "P50" in text
    assert len(queries) < 40


def test_levers_that_move_bring_the_outcome_alone_and_the_address_of_it(company: Client) -> None:
    company.get(PAGE, {"win_rate": "110"})
    with CaptureQueriesContext(connection) as queries:
        answer = company.get(
            PAGE,
            {"win_rate": "110", "cycle": "100", "period": "this-quarter"},
            headers={"HX-Request": "true"},
        )
    text = answer.content.decode()

    assert answer["HX-Replace-Url"] == f"{PAGE}?period=this-quarter&win_rate=110"
    assert 'hx-swap-oob="true"' in text
    assert "<html" not in text
    assert len(queries) < 30


@pytest.mark.parametrize("typed", ["NaN", "Infinity", "-5", "1e9", "x", "99.99", "0", "٣٠٠٠"])
def test_what_is_no_lever_is_named_and_changes_nothing(company: Client, typed: str) -> None:
    text = company.get(PAGE, {"win_rate": typed}).content.decode()

    assert 'role="alert"' in text
    assert "Win rate:" in text
    assert "Reaching the target is" in text


def test_a_person_plays_with_their_own_period_alone(company: Client) -> None:
    rep = User.objects.get(email="rep@demo.example")
    company.force_login(rep)

    assert company.get(PAGE).status_code == 200
    assert company.get(PAGE, {"scope": "company"}).status_code == 403
    assert as_person(rep).post(f"{API}what-if/", {"scope": "company"}).status_code == 403


def test_without_history_the_page_says_what_is_missing(cast: Cast, client: Client) -> None:
    User.objects.update(language="en")
    client.force_login(cast.minsu)
    assert "Nothing was learned" in client.get(PAGE).content.decode()
    now = timezone.now()
    learn_period(period=SEOUL.parse("this-quarter", at=now), at=now)

    text = client.get(PAGE, {"win_rate": "120"}).content.decode()
    assert "Not enough history" in text
    assert "P50" not in text


def test_the_api_plays_and_keeps_nothing(company: Client) -> None:
    person = as_person(User.objects.get(email="executive@demo.example"))
    found = person.post(f"{API}what-if/", {"win_rate": "120", "deal_size": "90"}).json()

    assert found["state"] == "ok"
    assert found["scenario"]["levers"]["win_rate"] == "120.0"
    ratio = Decimal(found["scenario"]["rates"]["win_rate"]) / Decimal(
        found["today"]["rates"]["win_rate"]
    )
    assert ratio == pytest.approx(Decimal("1.2"), abs=Decimal("0.0001"))
    assert Decimal(found["today"]["p10"]) <= Decimal(found["today"]["p50"])
    assert not Scenario.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"win_rate": "NaN"},
        {"win_rate": "9.9"},
        {"cycle": "301"},
        {"churn": -1},
        {"speed": "100"},
        {"leads": None},
        {"period": "2026-Q9"},
        {"scope": "team:"},
    ],
)
def test_what_cannot_be_played_is_refused(cast: Cast, body: dict[str, Any]) -> None:
    assert as_person(cast.eunji).post(f"{API}what-if/", body, format="json").status_code == 400


def test_a_scenario_is_kept_changed_copied_deleted_and_had_back(cast: Cast) -> None:
    minsu = as_person(cast.minsu)
    path = f"{API}scenarios/"
    made = minsu.post(path, {"name": "More calls", "leads": "130", "period": "2026-Q4"}).json()
    assert made["scope"] == f"user:{cast.minsu.pk}"
    assert made["leads"] == "130.0"
    assert minsu.post(path, {"name": "More calls"}).status_code == 400

    one = f"{path}{made['id']}/"
    changed = minsu.patch(one, {"revision": 1, "note": "If marketing helps", "churn": "90"}).json()
    assert (changed["revision"], changed["leads"], changed["churn"]) == (2, "130.0", "90.0")
    stale = minsu.patch(one, {"revision": 1, "note": "Else"})
    assert stale.status_code == 409
    assert stale.json()["current"]["note"] == "If marketing helps"
    assert stale.json()["yours"]["note"] == "Else"

    copy = minsu.post(f"{one}duplicate/").json()
    assert (copy["name"], copy["leads"]) == ("More calls (2)", "130.0")
    assert minsu.delete(f"{one}?revision=2").status_code == 204
    assert minsu.get(one).status_code == 404
    assert minsu.post(f"{one}restore/", {"revision": 2}).status_code == 409
    assert minsu.post(f"{one}restore/", {"revision": 3}).status_code == 200
    assert minsu.get(one).json()["note"] == "If marketing helps"


def test_only_those_it_is_shared_with_see_a_scenario_and_only_its_owner_changes_it(
    cast: Cast,
) -> None:
    own = kept(cast, cast.minsu)
    shared = kept(cast, cast.minsu, name="For all", team=cast.teams["seoul-1"])
    jiwoo, bora = as_person(cast.jiwoo), as_person(cast.bora)

    assert [each["id"] for each in jiwoo.get(f"{API}scenarios/").json()["results"]] == [shared.pk]
    assert bora.get(f"{API}scenarios/{shared.pk}/").status_code == 404
    assert jiwoo.get(f"{API}scenarios/{own.pk}/").status_code == 404
    one = f"{API}scenarios/{shared.pk}/"
    assert jiwoo.patch(one, {"revision": 1, "name": "Mine"}).status_code == 403
    assert jiwoo.delete(one).status_code == 403
    assert jiwoo.post(f"{one}duplicate/").json()["owner"]["id"] == cast.jiwoo.pk
    elsewhere = {"name": "X", "team": "busan-1"}
    assert jiwoo.post(f"{API}scenarios/", elsewhere).status_code == 400
    assert jiwoo.post(f"{API}scenarios/", {"name": "X", "scope": "company"}).status_code == 400


def test_on_the_pages_a_scenario_is_kept_and_opened_in_its_state(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.minsu)
    form = client.get(f"{PAGE}scenarios/new/?win_rate=120&period=2026-Q4").content.decode()
    assert 'value="120"' in form
    said = {"name": "Better", "note": "", "team": "", "win_rate": "120", "deal_size": "100",
            "cycle": "100", "leads": "100", "churn": "100"}  # fmt: skip
    answer = client.post(f"{PAGE}scenarios/new/?win_rate=120&period=2026-Q4", said)
    scenario = Scenario.objects.get()

    assert answer.status_code == 302
    opened = client.get(answer["Location"])
    assert opened["Location"] == (
        f"{PAGE}?win_rate=120&period=2026-Q4&scenario={scenario.pk}&scope=user%3A{cast.minsu.pk}"
    )
    assert "Better" in client.get(opened["Location"]).content.decode()
    stale = client.post(f"{PAGE}scenarios/{scenario.pk}/edit/", {**said, "revision": "7"})
    assert stale.status_code == 409


def test_of_others_figures_a_shared_scenario_opens_on_ones_own(cast: Cast, client: Client) -> None:
    shared = kept(cast, cast.lee, scope="team:seoul-1", team=cast.teams["seoul-1"], cycle=80)
    client.force_login(cast.jiwoo)

    answer = client.get(f"{PAGE}scenarios/{shared.pk}/")

    assert "scope" not in answer["Location"]
    assert client.get(answer["Location"]).status_code == 200


def test_what_was_deleted_on_the_page_is_offered_back(cast: Cast, client: Client) -> None:
    scenario = kept(cast, cast.minsu)
    client.force_login(cast.minsu)
    text = client.post(
        f"{PAGE}scenarios/{scenario.pk}/delete/", {"revision": "1"}, follow=True
    ).content.decode()

    assert f"/api/v1/forecast/scenarios/{scenario.pk}/restore/" in text
    assert not Scenario.objects.visible_to(cast.minsu).exists()
    again = client.post(f"{PAGE}scenarios/{scenario.pk}/delete/", {"revision": "1"})
    assert again.status_code == 404


def test_up_to_four_are_compared_and_taken_away_as_a_table(company: Client) -> None:
    person = User.objects.get(email="executive@demo.example")
    ids = [
        Scenario.objects.create(
            owner=person, name=name, scope="company", period="2026-Q4", win_rate=percent
        ).pk
        for name, percent in (("=Bold", 130), ("Careful", 90), ("C", 100), ("D", 100), ("E", 100))
    ]
    text = company.get(f"{PAGE}compare/", {"scenario": ids[:4]}).content.decode()
    assert "Careful" in text
    assert "Side by side" in text
    assert company.get(f"{PAGE}compare/", {"scenario": ids}).status_code == 400
    assert company.get(f"{PAGE}compare/").status_code == 400
    assert company.get(f"{PAGE}compare/", {"scenario": "x"}).status_code == 400

    answer = company.get(f"{PAGE}compare/?scenario={ids[0]}&scenario={ids[1]}&format=csv")
    lines = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined] # streamed
    assert "'=Bold" in lines
    assert "Win rate" in lines
    xlsx = company.get(PAGE, {"win_rate": "120", "format": "xlsx"})
    assert xlsx["Content-Disposition"] == 'attachment; filename="what-if.xlsx"'
