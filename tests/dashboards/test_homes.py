"""Homes show each role its own figures, asked for in few statements, and reload by parts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from accounts.models import Company
from history import as_recorded_at
from pipeline.models import Cost, Deal, Lead, Target
from tests.cast import Cast, make_customer, make_deal

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from accounts.models import User
    from dashboards.panel import Drawn


@pytest.fixture
def won(cast: Cast) -> Deal:
    """Minsu won 30 million just now, against a company target of 100."""
    period = Company.current().calendar.parse("this-quarter", at=timezone.now())
    Target.objects.create(kpi="won_revenue", start=period.start, end=period.end, value=100_000_000)
    customer = make_customer("Hanbit", industry="Manufacturing")
    return make_deal(
        cast,
        cast.minsu,
        cast.won,
        name="Big one",
        customer=customer,
        amount=Decimal(30_000_000),
        created_at=timezone.now() - timedelta(days=20),
        closed_at=timezone.now(),
    )


def shown(client: Client, viewer: User, address: str = "/") -> str:
    client.force_login(viewer)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def client_panels(client: Client, viewer: User) -> list[Drawn]:
    client.force_login(viewer)
    panels: list[Drawn] = client.get("/").context["panels"]
    return panels


def make_usual(cast: Cast, *, days: int) -> None:
    """Deals of the past that left the first stage after so many days."""
    now = timezone.now()
    for _each in range(5):
        with as_recorded_at(now - timedelta(days=days + 1)):
            deal = make_deal(cast, cast.bora, 1)
        with as_recorded_at(now - timedelta(days=1)):
            deal.stage = cast.stages[1]
            deal.save()


def parts(page: str) -> set[str]:
    return {part.split('"')[0] for part in page.split('id="panel-')[1:]}


def test_an_executive_sees_the_company_against_its_target(
    client: Client, won: Deal, cast: Cast
) -> None:
    page = shown(client, cast.eunji)

    assert "₩70M to go" in page
    assert "30\xa0% of the ₩100M target" in page
    assert "tile-cac" in page
    assert parts(page) == {
        "headline",
        "landing",
        "tiles",
        "trend",
        "attainment",
        "stages",
        "dwell",
        "changes",
        "needed",
        "ranking",
        "segments",
    }


def test_finance_sees_what_the_executive_sees(client: Client, won: Deal, cast: Cast) -> None:
    assert parts(shown(client, cast.finn)) == parts(shown(client, cast.eunji))


def test_a_lead_sees_their_team_without_costs(client: Client, won: Deal, cast: Cast) -> None:
    page = shown(client, cast.lee)

    assert "₩30M won" in page
    assert "tile-cac" not in page
    assert "slipped" in parts(page)


def test_another_teams_lead_sees_nothing_of_it(client: Client, won: Deal, cast: Cast) -> None:
    page = shown(client, cast.park)

    assert "₩0 won" in page
    assert "Minsu" not in page


def test_a_rep_sees_what_to_do_today(client: Client, cast: Cast) -> None:
    today = timezone.localdate()
    make_deal(cast, cast.minsu, name="Call them", next_step="Call", next_step_on=today)
    make_deal(cast, cast.minsu, name="Nearly there", expected_close=today + timedelta(days=2))
    make_usual(cast, days=10)
    make_deal(cast, cast.minsu, name="Stuck", stage_since=timezone.now() - timedelta(days=12))
    make_deal(cast, cast.minsu, name="On time", stage_since=timezone.now() - timedelta(days=8))
    make_deal(cast, cast.jiwoo, name="Not mine", next_step="Call", next_step_on=today)
    Lead.objects.create(company_name="Asking Ltd", owner=cast.minsu, created_at=timezone.now())

    page = shown(client, cast.minsu)

    for said in ("Call them", "Nearly there", "Stuck", "Asking Ltd"):
        assert said in page
    assert "Not mine" not in page
    assert "On time" not in page


def test_new_leads_come_first_then_the_latest(client: Client, cast: Cast) -> None:
    now = timezone.now()
    for company, status, days in [("Old", "working", 9), ("Late", "working", 1), ("New", "new", 5)]:
        created = now - timedelta(days=days)
        Lead.objects.create(
            company_name=f"{company} Ltd", status=status, owner=cast.minsu, created_at=created
        )

    page = shown(client, cast.minsu)

    assert page.index("New Ltd") < page.index("Late Ltd") < page.index("Old Ltd")


def test_stages_without_deals_are_shown_too(client: Client, cast: Cast) -> None:
    make_deal(cast, cast.minsu, 3, amount=Decimal(5_000_000))

    (panel,) = [panel for panel in client_panels(client, cast.minsu) if panel.panel.key == "stages"]

    counting = cast.stages[1:4]
    assert [row[0] for row in panel.shown.rows] == [stage.label for stage in counting]
    assert [row[2] for row in panel.shown.rows].count("0") == len(counting) - 1


def test_a_rep_learns_what_is_still_needed(client: Client, won: Deal, cast: Cast) -> None:
    target = Target.objects.get()
    target.pk, target.user, target.value = None, cast.minsu, Decimal(90_000_000)
    target.save()

    page = shown(client, cast.minsu)

    assert "₩60M to go" in page
    assert "That is 2 deals of average size, ₩30M." in page
    assert "inquiries by" not in page

    for converted in (timezone.now(), None):
        status = "converted" if converted else "new"
        lead = {"owner": cast.minsu, "created_at": timezone.now(), "status": status}
        Lead.objects.create(converted_at=converted, **lead)
    assert "4 inquiries by" in shown(client, cast.minsu)


def test_one_persons_figures_are_a_reps_home_whoever_looks(client: Client, cast: Cast) -> None:
    page = shown(client, cast.lee, f"/?scope=user:{cast.minsu.pk}")

    assert "steps" in parts(page)


@pytest.mark.parametrize(("name", "most"), [("eunji", 12), ("lee", 19), ("minsu", 19)])
def test_a_home_costs_few_queries(
    client: Client,
    cast: Cast,
    won: Deal,
    name: str,
    most: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """However many figures: session and person, company, teams, facts, targets, names, lists,
    and a forecast with its members and what was said of it."""
    client.force_login(getattr(cast, name))
    client.get("/")

    with django_assert_max_num_queries(most):
        client.get("/")


def test_a_panel_answers_itself_alone_with_the_pages_choices(
    client: Client, cast: Cast, won: Deal
) -> None:
    page = shown(client, cast.eunji, "/home/segments/?segment=region&period=this-year")

    assert page.strip().startswith("<section")
    assert parts(page) == {"segments"}
    assert 'hx-get="/home/segments/?segment=region&amp;period=this-year"' in page
    assert "Seoul" in page


def test_panels_that_reload_together_keep_each_its_own_choices(
    client: Client,
    cast: Cast,
    won: Deal,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    wanted = ["tiles", "segments?segment=region&period=this-year"]
    query = urlencode({"period": "this-year", "panel": wanted}, doseq=True)
    shown(client, cast.eunji)

    with django_assert_max_num_queries(9):
        page = client.get(f"/home/?{query}").content.decode()

    assert parts(page) == {"tiles", "segments"}
    assert page.count('hx-swap-oob="morph"') == 2
    assert 'hx-get="/home/segments/?segment=region&amp;period=this-year"' in page
    assert "Seoul" in page
    assert client.get("/home/?panel=work").status_code == 404
    assert client.get("/home/").content.strip() == b""


def test_a_panel_of_anothers_home_does_not_exist(client: Client, cast: Cast) -> None:
    client.force_login(cast.minsu)

    assert client.get("/home/segments/").status_code == 404
    assert client.get("/?scope=company").status_code == 403
    assert client.get("/?period=whenever").status_code == 400


def test_panels_name_the_facts_that_they_follow(client: Client, cast: Cast) -> None:
    page = shown(client, cast.eunji)
    tiles = page.split('id="panel-tiles"')[1].split(">")[0]

    assert {"deal", "cost", "target"} <= set(tiles.split('data-facts="')[1].split('"')[0].split())


def test_the_page_speaks_korean(client: Client, cast: Cast, won: Deal) -> None:
    cast.eunji.language = "ko"
    cast.eunji.save()

    page = shown(client, cast.eunji)

    assert "목표까지 7,000만" in page
    assert "수주율" in page


def test_an_empty_company_is_told_what_pages_are_for(client: Client, cast: Cast) -> None:
    page: Any = shown(client, cast.eunji)

    assert "There are no open deals." in page
    assert "Nothing was won in this period yet." in page


def test_segments_are_ranked_by_what_they_leave_as_well(
    client: Client, cast: Cast, won: Deal
) -> None:
    retail = make_customer("Saebyeok", industry="Retail")
    now = {"closed_at": timezone.now(), "amount": Decimal(20_000_000)}
    make_deal(cast, cast.bora, cast.won, customer=retail, **now)
    page = shown(client, cast.eunji, "/home/segments/")
    assert "By margin" not in page

    today = timezone.localdate()
    Cost.objects.create(kind="delivery", day=today, amount=25_000_000, deal=won)

    page = shown(client, cast.eunji, "/home/segments/?ranked=margin")
    assert "Retail leaves the most margin, ₩20M" in page
    assert page.index("Retail</th>") < page.index("Manufacturing</th>")
    page = shown(client, cast.eunji, "/home/segments/")
    assert page.index("Manufacturing</th>") < page.index("Retail</th>")
