"""Exit criteria on the deal's page, beside the board, and in the API."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from pipeline.models import Criterion, Deal, Skip, Tick
from tests.cast import make_customer, make_deal

if TYPE_CHECKING:
    from accounts.models import User
    from tests.cast import Cast

NOT_MET = "Why does the deal move on all the same?"


@pytest.fixture
def champion(cast: Cast) -> Criterion:
    return Criterion.objects.create(stage=cast.stages[1], name="Champion", name_ko="추진자")


@pytest.fixture
def deal(cast: Cast) -> Deal:
    return make_deal(cast, cast.minsu, 2, amount=Decimal(100), customer=make_customer())


def api(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def page(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_api_names_the_criteria_and_asks_for_a_reason(
    cast: Cast, deal: Deal, champion: Criterion
) -> None:
    url = f"/api/v1/deals/{deal.pk}/move/"
    body: dict[str, Any] = {"revision": 1, "stage": cast.stages[2].pk}
    refused = api(cast.minsu).post(url, body, format="json")
    problem = refused.json()
    assert (refused.status_code, problem["needs"]) == (400, "reason")
    assert problem["criteria"] == [
        {"id": champion.pk, "stage": cast.stages[1].pk, "name": "Champion"}
    ]
    assert "Champion" in problem["detail"]
    assert problem["asks"]["question"] == NOT_MET

    moved = api(cast.minsu).post(url, {**body, "reason": "In a hurry"}, format="json")
    assert (moved.status_code, moved.json()["stage"]) == (200, cast.stages[2].pk)
    assert Skip.objects.get().reason == "In a hurry"


def test_the_reason_may_stand_in_the_address_too(
    cast: Cast, deal: Deal, champion: Criterion
) -> None:
    url = f"/api/v1/deals/{deal.pk}/move/?reason=In+a+hurry"
    answer = api(cast.minsu).post(url, {"revision": 1, "stage": cast.stages[2].pk}, format="json")
    assert answer.status_code == 200
    assert Skip.objects.get().reason == "In a hurry"


def test_an_upsert_reports_a_move_and_is_not_asked(
    cast: Cast, deal: Deal, champion: Criterion
) -> None:
    Deal.objects.filter(pk=deal.pk).update(external_id="crm-1")
    url = "/api/v1/deals/by-external-id/crm-1/"
    answer = api(cast.minsu).put(url, {"stage": cast.stages[2].pk}, format="json")
    assert (answer.status_code, answer.json()["stage"]) == (200, cast.stages[2].pk)


def test_the_api_ticks_and_lists(cast: Cast, deal: Deal, champion: Criterion) -> None:
    url = f"/api/v1/deals/{deal.pk}/"
    body = {"criterion": champion.pk, "met": True}
    (listed,) = api(cast.lee).post(f"{url}tick/", body, format="json").json()
    (check,) = listed["checks"]
    assert (listed["stage"], check["is_met"], check["by"]) == (
        cast.stages[1].pk,
        True,
        cast.lee.pk,
    )
    assert api(cast.minsu).get(f"{url}criteria/").json() == [listed]
    assert api(cast.bora).get(f"{url}criteria/").status_code == 404
    assert api(cast.finn).post(f"{url}tick/", body, format="json").status_code == 403
    (row,) = api(cast.bora).get("/api/v1/criteria/?process=default").json()["results"]
    assert (row["name_ko"], row["is_must"]) == ("추진자", True)


def test_the_page_says_what_is_missing_until_it_is_ticked(
    cast: Cast, deal: Deal, champion: Criterion
) -> None:
    path = f"/deals/{deal.pk}/"
    before = page(cast.minsu).get(path)
    assert "Champion" in before.context["missing"]
    page(cast.minsu).post(f"{path}tick/", {"criterion": champion.pk, "met": "true"})
    after = page(cast.minsu).get(path)
    assert "Champion" not in after.context["missing"]
    assert after.context["entries"][0].tick.criterion == champion
    page(cast.minsu).post(f"{path}tick/", {"criterion": champion.pk})
    assert [tick.is_met for tick in Tick.objects.order_by("pk")] == [True, False]


def test_a_form_without_scripts_is_asked_on_a_page(
    cast: Cast, deal: Deal, champion: Criterion
) -> None:
    path, body = f"/deals/{deal.pk}/move/", {"revision": 1, "stage": cast.stages[2].pk}
    asked = page(cast.minsu).post(path, body)
    assert asked.status_code == 422
    assert NOT_MET in asked.content.decode()
    page(cast.minsu).post(path, {**body, "closing_reason": "In a hurry"})
    deal.refresh_from_db()
    assert deal.stage == cast.stages[2]


def test_staff_change_criteria_and_never_delete_them(cast: Cast, champion: Criterion) -> None:
    stage = cast.stages[1]
    path = f"/admin/pipeline/stage/{stage.pk}/change/"
    shown = page(cast.sam).get(path)
    assert "Champion" in shown.content.decode()
    assert page(cast.lee).get(path).status_code == 403
    prefix = "criteria"
    body = {
        f"{prefix}-TOTAL_FORMS": "2",
        f"{prefix}-INITIAL_FORMS": "1",
        f"{prefix}-0-id": champion.pk,
        f"{prefix}-0-stage": stage.pk,
        f"{prefix}-0-position": "1",
        f"{prefix}-0-name": "A champion",
        f"{prefix}-0-DELETE": "on",
        f"{prefix}-1-stage": stage.pk,
        f"{prefix}-1-position": "2",
        f"{prefix}-1-name": "Budget",
        f"{prefix}-1-is_active": "on",
    }
    assert page(cast.sam).post(path, body).status_code == 302
    found = list(Criterion.objects.values_list("name", "is_must", "is_active"))
    assert found == [("A champion", False, False), ("Budget", False, True)]
