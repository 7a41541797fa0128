"""The KPI explorer: any figure, split, compared and filtered, with its definition and rows."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kpis.models import SavedView
from kpis.registry import all_kpis
from pipeline.models import DealLine, Product, Target
from tests.cast import Cast, make_customer, make_deal, seoul

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User

MONTHS = "by=month&period=last-12-months"


@pytest.fixture
def closed(cast: Cast) -> None:
    """This moment Minsu won two deals in two industries and lost one; Bora won one in Busan."""
    banks, makers = make_customer("Hana", industry="Finance"), make_customer("Hanbit")
    now = timezone.now()
    when: dict[str, Any] = {"created_at": now - timedelta(days=9), "closed_at": now}
    first = make_deal(cast, cast.minsu, cast.won, name="First", amount=10, customer=banks, **when)
    make_deal(cast, cast.minsu, cast.won, name="Second", amount=5, customer=makers, **when)
    make_deal(cast, cast.minsu, cast.lost, name="Third", amount=1, customer=makers, **when)
    make_deal(cast, cast.bora, cast.won, name="Fourth", amount=2, customer=makers, **when)
    for name, amount in (("GTX Pro", 7), ("GTX Plus", 4)):
        product = Product.objects.create(name=name)
        DealLine.objects.create(deal=first, product=product, quantity=1, amount=amount)


def opened(client: Client, viewer: User, address: str) -> str:
    client.force_login(viewer)
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def exported(client: Client, viewer: User, address: str) -> list[list[str]]:
    client.force_login(viewer)
    answer = client.get(address)
    assert answer.headers["Content-Type"].startswith("text/csv")
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def test_the_list_shows_every_kpi_of_the_viewer_by_step(
    client: Client, cast: Cast, closed: None
) -> None:
    page = opened(client, cast.eunji, "/kpis/?period=this-month")

    assert page.index("Awareness") < page.index("Decision") < page.index("Economics")
    for key in all_kpis():
        assert f'href="/kpis/{key}/?period=this-month"' in page


def test_a_step_of_the_list_brings_its_values(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.eunji, "/kpis/steps/decision/?period=this-month")

    assert "₩17" in page
    assert "Won revenue" in page
    assert "Renewal rate" not in page
    assert client.get("/kpis/steps/nonsense/").status_code == 404


def test_costs_are_not_even_named_to_who_may_not_see_them(client: Client, cast: Cast) -> None:
    assert "/kpis/cac/" not in opened(client, cast.minsu, "/kpis/")
    assert "/kpis/cac/" not in opened(client, cast.minsu, "/kpis/win_rate/")
    assert 'id="cac"' not in opened(client, cast.minsu, "/kpis/reference/")
    assert client.get("/kpis/cac/").status_code == 403


def test_a_figure_is_split_with_its_definition_and_rows_beside_it(
    client: Client, cast: Cast, closed: None
) -> None:
    page = opened(client, cast.eunji, "/kpis/won_revenue/?by=industry&period=this-month")

    assert "amount won: the rows below, added up" in page
    assert "Fourth" in page
    assert 'href="?period=this-month&amp;industry=Finance"' in page


def test_the_table_is_taken_away_as_it_stands(client: Client, cast: Cast, closed: None) -> None:
    address = "/kpis/won_revenue/table/?by=industry&period=this-month&compare=none"

    assert exported(client, cast.eunji, address) == [
        ["Industry", "Won revenue", "Share"],
        ["Finance", "10", f"{Decimal(10) / 17}"],
        ["Manufacturing", "7", f"{Decimal(7) / 17}"],
        ["All together", "17", "1"],
    ]


def test_a_ratio_shows_what_each_part_is_made_of(client: Client, cast: Cast, closed: None) -> None:
    address = "/kpis/win_rate/table/?by=rep&period=this-month&compare=none"
    table = exported(client, cast.lee, address)

    assert table[0] == ["Rep", "Win rate", "Won deals", "Won and lost deals"]
    assert [row[2:] for row in table[1:]] == [["2", "3"], ["2", "3"]]


def test_a_table_as_a_workbook(client: Client, cast: Cast, closed: None) -> None:
    client.force_login(cast.eunji)
    answer = client.get("/kpis/won_deals/table/?by=team&format=xlsx")

    assert 'filename="won_deals-' in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].endswith('-by-team.xlsx"')
    assert client.get("/kpis/won_deals/table/?format=pdf").status_code == 400


def test_months_stand_beside_those_of_the_year_before(
    client: Client, cast: Cast, closed: None
) -> None:
    last_year = timezone.now() - timedelta(days=366)
    make_deal(cast, cast.minsu, cast.won, amount=4, closed_at=last_year)

    table = exported(client, cast.eunji, "/kpis/won_revenue/table/?by=quarter&period=this-year")

    assert table[0][:3] == ["Quarter", "Won revenue", "A year before"]
    assert sum(int(row[2] or 0) for row in table[1:-1]) == 4


def test_parts_of_a_dimension_are_compared_as_the_whole_is(
    client: Client, cast: Cast, closed: None
) -> None:
    before = timezone.now() - timedelta(days=366)
    make_deal(cast, cast.bora, cast.won, amount=1, closed_at=before)

    address = "/kpis/won_revenue/table/?by=team&period=this-year&compare=year"
    table = {row[0]: row[1:4] for row in exported(client, cast.eunji, address)}

    assert table["Busan"] == ["2", "1", "1"]
    assert table["Seoul"] == ["15", "0", ""]
    assert table["All together"][:2] == ["17", "1"]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("win_rate/?by=source", "A ratio: each part has its own numerator and denominator"),
        ("sales_cycle/?by=rep", "quantiles do not add up"),
        ("open_pipeline/?by=month&period=this-year", "A state at the end of each part"),
        ("won_deals/?by=product", "A deal with several products counts in the row of each"),
        ("won_revenue/?by=product", "By product the amounts are those of the deals"),
        ("target_attainment/?by=team", "against its own target"),
    ],
)
def test_parts_that_do_not_add_up_say_why(
    client: Client, cast: Cast, closed: None, address: str, why: str
) -> None:
    assert why in opened(client, cast.eunji, f"/kpis/{address}")


def test_parts_that_add_up_need_no_words(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.eunji, "/kpis/won_revenue/?by=industry")

    assert "paper-note" not in page.split('id="parts-title"')[1].split("</header>")[0]


def test_a_dimension_is_parted_in_time_as_well(client: Client, cast: Cast, closed: None) -> None:
    today = timezone.localtime()
    gone = (today.month - 1) // 3
    address = "/kpis/won_revenue/?by=team&grain=quarter&period=this-year"
    page = opened(client, cast.eunji, address)

    assert "Won revenue by team and quarter" in page
    assert f'href="?period={today.year}-Q{gone + 1}&amp;scope=team%3Aseoul"' in page
    assert 'class="num heat-9"' in page
    head, *table = exported(client, cast.eunji, address.replace("/?", "/table/?"))
    assert len(head) == 6
    assert table == [
        [name, *["0"] * gone, value, *[""] * (3 - gone), value]
        for name, value in (("Busan", "2"), ("Seoul", "15"), ("All together", "17"))
    ]


def test_parts_of_time_are_left_out_where_time_is_the_split(
    client: Client, cast: Cast, closed: None
) -> None:
    page = opened(client, cast.eunji, "/kpis/won_revenue/?by=month&grain=week&period=this-year")

    assert "was left out" not in page
    assert 'id="choose-grain"' not in page


def test_a_team_opens_with_all_below_it(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.eunji, "/kpis/won_revenue/?by=team&period=this-month")

    assert 'href="?period=this-month&amp;scope=team%3Aseoul"' in page
    assert "₩15" in opened(
        client, cast.eunji, "/kpis/won_revenue/?period=this-month&scope=team:seoul"
    )


def test_only_what_a_kpi_can_answer_is_offered(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.eunji, "/kpis/lead_volume/?period=this-month")
    splits = page.split('id="choose-by"')[1].split("</select>")[0]

    assert 'value="source"' in splits
    assert 'value="week"' in splits
    assert 'value="product"' not in splits
    assert 'value="month"' not in splits


@pytest.mark.parametrize(
    ("query", "choice"),
    [("by=stage", "Split by"), ("basis=none", "Basis"), ("product=1", "Product")],
)
def test_a_choice_that_fits_no_figure_is_left_out_and_said_so(
    client: Client, cast: Cast, query: str, choice: str
) -> None:
    page = opened(client, cast.eunji, f"/kpis/lead_volume/?{query}")

    assert f"“{choice}” was left out:" in page


def test_what_cannot_be_read_at_all_says_so(client: Client, cast: Cast) -> None:
    client.force_login(cast.minsu)

    assert client.get("/kpis/nonsense/").status_code == 404
    assert client.get("/kpis/won_revenue/?period=someday").status_code == 400
    assert client.get("/kpis/won_revenue/?as_of=someday").status_code == 400
    assert client.get("/kpis/won_revenue/?scope=team:busan").status_code == 403


def test_filters_and_instants_stay_in_the_form(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.eunji, "/kpis/won_deals/?industry=Finance&as_of=2026-01-31")

    assert '<option value="Finance" selected>' in page
    assert '<input type="hidden" name="as_of" value="2026-01-31">' in page


def test_filters_are_named_as_people_know_them(client: Client, cast: Cast, closed: None) -> None:
    product = Product.objects.get(name="GTX Pro")

    page = opened(client, cast.eunji, f"/kpis/won_deals/?product={product.pk}")
    assert "<dt>Product</dt><dd>GTX Pro</dd>" in page

    bora = cast.bora.pk
    assert "Bora" not in opened(client, cast.minsu, f"/kpis/won_deals/?rep={bora}")


def test_what_takes_too_long_is_drawn_once_it_is_split(client: Client, cast: Cast) -> None:
    assert "Choose above what to split it by" in opened(client, cast.eunji, "/kpis/stage_dwell/")


def test_the_explanation_leads_here(client: Client, cast: Cast, closed: None) -> None:
    page = opened(client, cast.eunji, "/explain/win_rate/?basis=value&period=this-year")

    assert 'href="/kpis/win_rate/?basis=value&amp;period=this-year"' in page


def test_the_reference_defines_every_kpi(client: Client, cast: Cast) -> None:
    page = opened(client, cast.finn, "/kpis/reference/")

    for kpi in all_kpis().values():
        assert f'id="{kpi.key}"' in page
        for basis in kpi.bases:
            assert basis.formula.split("'")[0] in page


def test_more_rows_need_no_more_queries(client: Client, cast: Cast, closed: None) -> None:
    address = "/kpis/won_revenue/?by=rep&period=this-year"
    opened(client, cast.eunji, address)
    with CaptureQueriesContext(connection) as few:
        opened(client, cast.eunji, address)
    for name in ("lee", "jiwoo", "park", "rho"):
        for _ in range(3):
            make_deal(cast, getattr(cast, name), cast.won, closed_at=timezone.now())
    with CaptureQueriesContext(connection) as many:
        opened(client, cast.eunji, address)

    assert len(many) == len(few) <= 26


def test_a_view_is_kept_renamed_and_deleted(client: Client, cast: Cast, closed: None) -> None:
    client.force_login(cast.lee)
    state = "by=rep&period=this-quarter&page=2"
    form = client.get(f"/kpis/win_rate/save/?{state}").content.decode()
    assert 'value="Win rate by rep"' in form

    team = cast.teams["seoul-1"].pk
    kept = client.post("/kpis/win_rate/save/", {"name": "Reps", "team": team, "state": state})
    view = SavedView.objects.get()
    assert kept.headers["Location"] == f"/kpis/views/{view.pk}/"
    page = client.get(kept.headers["Location"]).headers["Location"]
    assert page == "/kpis/win_rate/?by=rep&period=this-quarter"
    assert f'href="/kpis/views/{view.pk}/"' in opened(client, cast.minsu, "/kpis/")

    client.force_login(cast.lee)
    client.post(f"/kpis/views/{view.pk}/edit/", {"name": "Our reps", "revision": 1})
    assert "Our reps" in client.get("/kpis/").content.decode()
    assert client.post(f"/kpis/views/{view.pk}/delete/", {"revision": 1}).status_code == 409
    client.post(f"/kpis/views/{view.pk}/delete/", {"revision": 2})
    assert not SavedView.objects.exists()


def test_a_name_used_twice_is_said_beside_it(client: Client, cast: Cast) -> None:
    client.force_login(cast.lee)
    client.post("/kpis/win_rate/save/", {"name": "Mine", "state": ""})

    again = client.post("/kpis/won_deals/save/", {"name": "Mine", "state": "by=rep"})

    assert again.status_code == 422
    assert "You have a view of this name already." in again.content.decode()


def test_a_shared_view_of_a_team_shows_a_rep_their_own_figures(client: Client, cast: Cast) -> None:
    view = SavedView.objects.create(
        owner=cast.lee,
        name="Team",
        kpi="won_deals",
        query="by=month&scope=team%3Aseoul-1",
        team=cast.teams["seoul-1"],
    )
    client.force_login(cast.minsu)

    answer = client.get(f"/kpis/views/{view.pk}/", follow=True)

    assert answer.redirect_chain == [("/kpis/won_deals/?by=month", 302)]
    assert "these are your own" in answer.content.decode()


def test_the_actual_stands_in_its_column_where_down_is_good(client: Client, cast: Cast) -> None:
    when = {"created_at": seoul(2026, 1, 5), "closed_at": seoul(2026, 2, 14)}
    make_deal(cast, cast.minsu, cast.won, **when)
    january = {"start": date(2026, 1, 1), "end": date(2026, 4, 1)}
    Target.objects.create(kpi="sales_cycle", value=20, user=cast.minsu, **january)
    address = "/kpis/target_attainment/table/?of=sales_cycle&by=rep&period=2026-Q1"

    table = exported(client, cast.eunji, address)

    assert table[0][:4] == ["Rep", "Target attainment", "Actual", "Target"]
    assert table[1][:4] == ["Minsu", "0.5", "40", "20"]
