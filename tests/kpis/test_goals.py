"""Goals through the API."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Membership, User
from pipeline.models import Target
from tests.cast import Cast

GOALS = "/api/v1/goals/"
BODY = {"kpi": "won_revenue", "scope": "team:seoul-1", "period": "2026-Q4", "value": "1000"}


def as_(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def test_a_goal_reads_as_it_was_written(cast: Cast) -> None:
    made = as_(cast.lee).post(GOALS, BODY)
    assert made.status_code == 201
    goal = as_(cast.rho).get(f"{GOALS}{made.json()['id']}/").json()
    assert {name: goal[name] for name in BODY} == {**BODY, "value": "1000.000000"}
    assert (goal["weight"], goal["filters"], goal["parent"]) == ("1.00", {}, None)


@pytest.mark.parametrize(
    "code", ["2026", "2026-H2", "2026-Q4", "2026-11", "2026-W47", "2026-10-01..2026-11-15"]
)
def test_periods_keep_their_names(cast: Cast, code: str) -> None:
    assert as_(cast.lee).post(GOALS, {**BODY, "period": code}).json()["period"] == code


@pytest.mark.parametrize(
    ("who", "scope", "status"),
    [
        ("eunji", "company", 201),
        ("finn", "company", 201),
        ("rho", "company", 403),
        ("rho", "team:seoul-2", 201),
        ("lee", "team:seoul-1", 201),
        ("lee", "team:busan-1", 403),
        ("lee", "user:{minsu}", 201),
        ("lee", "user:{bora}", 403),
        ("minsu", "user:{minsu}", 403),
        ("lee", "galaxy", 400),
    ],
)
def test_goals_are_set_for_scopes_that_one_leads(
    cast: Cast, who: str, scope: str, status: int
) -> None:
    scope = scope.format(minsu=cast.minsu.pk, bora=cast.bora.pk)
    answer = as_(getattr(cast, who)).post(GOALS, {**BODY, "scope": scope})
    assert answer.status_code == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"kpi": "luck"},
        {"period": "2026-Q9"},
        {"value": "-1"},
        {"filters": {"shoe": "44"}},
        {"filters": {"source": "web"}},
        {"filters": {"region": "\0"}},
        {"filters": [1]},
        {"parent": 10**6},
    ],
)
def test_what_cannot_be_is_refused_with_its_name(cast: Cast, wrong: dict[str, Any]) -> None:
    answer = as_(cast.eunji).post(GOALS, {**BODY, **wrong})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(wrong)


def test_the_same_goal_twice_is_refused(cast: Cast) -> None:
    as_(cast.lee).post(GOALS, BODY)
    assert as_(cast.lee).post(GOALS, BODY).status_code == 400


def test_filters_and_who_sees_what(cast: Cast) -> None:
    as_(cast.eunji).post(GOALS, BODY)
    as_(cast.eunji).post(GOALS, {**BODY, "scope": "company", "period": "2026"})

    def count(viewer: str, query: str = "") -> int:
        answer = as_(getattr(cast, viewer)).get(f"{GOALS}?{query}")
        return len(answer.json()["results"])

    assert (count("eunji"), count("lee"), count("minsu")) == (2, 1, 0)
    assert count("eunji", "scope=company") == 1
    assert count("eunji", "scope=team:seoul") == 0
    assert count("eunji", "period=2026-H2") == 1
    assert count("eunji", "kpi=won_deals") == 0


def test_edit_and_delete(cast: Cast) -> None:
    made = as_(cast.lee).post(GOALS, BODY).json()
    url = f"{GOALS}{made['id']}/"
    edited = as_(cast.rho).patch(url, {"value": "2000", "revision": 1}).json()
    assert edited["value"] == "2000.000000"
    away = as_(cast.lee).patch(url, {"scope": "team:busan-1", "revision": 2})
    assert away.status_code == 403
    assert as_(cast.lee).delete(url).status_code == 204
    assert not Target.objects.exists()


def test_a_kpi_that_lacks_the_goals_filter_is_refused_too(cast: Cast) -> None:
    goal = as_(cast.lee).post(GOALS, {**BODY, "filters": {"region": "overseas"}}).json()
    edit = {"kpi": "visits", "revision": 1}
    answer = as_(cast.lee).patch(f"{GOALS}{goal['id']}/", edit)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["filters"])


def test_goals_of_costs_are_for_those_who_see_costs(cast: Cast) -> None:
    body = {**BODY, "kpi": "cac"}
    made = as_(cast.finn).post(GOALS, body)
    goal = f"{GOALS}{made.json()['id']}/"
    assert as_(cast.eunji).get(goal).status_code == 200
    assert as_(cast.lee).get(goal).status_code == 404
    assert as_(cast.lee).get(f"{goal}smart/").status_code == 404
    assert not as_(cast.lee).get(GOALS).json()["results"]
    assert as_(cast.lee).post(GOALS, {**body, "period": "2027-Q1"}).status_code == 403
    own = as_(cast.lee).post(GOALS, BODY).json()
    changed = {"kpi": "margin", "revision": own["revision"]}
    assert as_(cast.lee).patch(f"{GOALS}{own['id']}/", changed).status_code == 403


def test_a_goal_never_contributes_to_itself(cast: Cast) -> None:
    lee = as_(cast.lee)
    top = lee.post(GOALS, BODY).json()
    below = lee.post(GOALS, {**BODY, "scope": f"user:{cast.minsu.pk}", "parent": top["id"]}).json()
    answer = lee.patch(f"{GOALS}{top['id']}/", {"parent": below["id"], "revision": 1})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["parent"])


class TestWhoMovedOn:
    """Minsu left lee's team for park's when 2026 began; lee answers for what was before."""

    @pytest.fixture
    def goals(self, cast: Cast) -> dict[str, Target]:
        Membership.objects.filter(user=cast.minsu).update(end=date(2026, 1, 1))
        team = cast.teams["busan-1"]
        Membership.objects.create(user=cast.minsu, team=team, start=date(2026, 1, 1))
        return {
            code: Target.objects.create(
                kpi="won_revenue",
                user=cast.minsu,
                start=date(int(code), 1, 1),
                end=date(int(code) + 1, 1, 1),
                value=100,
            )
            for code in ("2025", "2026")
        }

    @pytest.mark.parametrize(
        ("who", "seen"),
        [("lee", ["2025"]), ("park", ["2026"]), ("eunji", ["2025", "2026"]), ("jiwoo", [])],
    )
    @pytest.mark.usefixtures("goals")
    def test_a_lead_sees_the_goals_of_the_time_in_their_teams(
        self, cast: Cast, who: str, seen: list[str]
    ) -> None:
        found = as_(getattr(cast, who)).get(GOALS).json()["results"]
        assert [goal["period"] for goal in found] == seen

    @pytest.mark.parametrize(("who", "values"), [("lee", ["0", None]), ("park", [None, "0"])])
    def test_and_their_figures_know_no_other(
        self, cast: Cast, goals: dict[str, Target], who: str, values: list[str | None]
    ) -> None:
        path = f"/api/v1/kpis/target_attainment/?scope=user:{cast.minsu.pk}&period="
        read = [as_(getattr(cast, who)).get(path + code).json() for code in goals]
        found = [figure["target"] and str(int(Decimal(figure["target"]) - 100)) for figure in read]
        assert found == values

    @pytest.mark.parametrize(("period", "status"), [("2025-Q4", 201), ("2026-Q4", 403)])
    @pytest.mark.usefixtures("goals")
    def test_and_sets_none_for_later(self, cast: Cast, period: str, status: int) -> None:
        goal = {**BODY, "scope": f"user:{cast.minsu.pk}", "period": period}
        assert as_(cast.lee).post(GOALS, goal).status_code == status


def test_the_smart_check_answers_before_and_after_a_goal_is_written(cast: Cast) -> None:
    lee = as_(cast.lee)
    body = {**BODY, "period": "2199-Q4"}
    before = lee.post(f"{GOALS}check/", body).json()
    assert "".join(finding["letter"] for finding in before) == "SMART"
    assert before[4]["verdict"] == "ok"
    assert not Target.objects.exists()
    made = lee.post(GOALS, {**BODY, "period": "2020-Q4"}).json()
    after = lee.get(f"{GOALS}{made['id']}/smart/").json()
    assert (after[0]["verdict"], after[4]["verdict"]) == ("ok", "fail")
    assert lee.post(f"{GOALS}check/", {**BODY, "kpi": "luck"}).status_code == 400
