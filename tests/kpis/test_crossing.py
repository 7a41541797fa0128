"""A figure by a dimension and by time at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from rest_framework.test import APIClient

from accounts.scope import resolve
from history import as_recorded_at
from kpis.declarations import Kind
from kpis.evaluate import answer
from kpis.questions import Answer, BadQuestion, Question
from kpis.registry import all_kpis
from periods import Grain
from pipeline.actions.deals import edit_deal
from pipeline.models import Deal, DealLine, Product, Target
from tests.cast import Cast, make_deal, seoul
from tests.kpis.asking import ask, rows
from tests.kpis.storing import fill
from tests.kpis.test_naive import companies, naive, same, world_of, write

NOW = seoul(2026, 3, 18, 15, 30)


def table(found: Answer) -> dict[str, list[Decimal | None]]:
    """The cells of a crossed figure by the labels of its rows."""
    return {row.label: [cell.result.value for cell in row.cells] for row in found.rows}


def test_each_part_of_a_dimension_is_parted_in_time(deals: Cast) -> None:
    make_deal(deals, deals.minsu, deals.won, amount=5_000_000, closed_at=seoul(2026, 1, 31, 23))

    found = ask(deals, "won_revenue", by="team", grain="month")

    assert table(found) == {"Busan": [0, 4_000_000, 0], "Seoul": [5_000_000, 3_000_000, 0]}
    assert rows(found) == {"Busan": 4_000_000, "Seoul": 8_000_000}
    assert [row.result.value for row in found.over_time] == [5_000_000, 7_000_000, 0]
    assert [row.label for row in found.over_time] == ["Jan", "Feb", "Mar"]


def test_a_rate_of_each_cell_has_its_own_parts(deals: Cast) -> None:
    found = ask(deals, "win_rate", by="rep", grain="month")

    february = {row.label: row.cells[1].result for row in found.rows}
    assert february["Minsu"].numerator == 1
    assert february["Minsu"].denominator == 2
    assert february["Minsu"].value == Decimal("0.5")


def test_parts_that_have_not_begun_hold_nothing(deals: Cast) -> None:
    found = ask(deals, "won_deals", "2026", by="rep", grain="quarter")

    assert table(found)["Minsu"] == [1, None, None, None]


def test_a_state_is_read_at_the_end_of_each_part(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 1, 10)):
        deal = make_deal(
            cast, cast.minsu, cast.stages[2], amount=100, created_at=seoul(2026, 1, 10)
        )
    with as_recorded_at(seoul(2026, 2, 10)):
        deal.refresh_from_db()
        changes: dict[str, Any] = {"amount": Decimal(300)}
        edit_deal(deal=deal, by=cast.lee, revision=deal.revision, changes=changes)

    found = ask(cast, "open_pipeline", "2026", by="team", grain="month")

    assert table(found)["Seoul"] == [100, 300, 300, *[None] * 9]
    assert [row.result.value for row in found.over_time][:4] == [100, 300, 300, None]


def test_what_is_gone_at_the_end_of_the_period_has_a_row_still(cast: Cast) -> None:
    with as_recorded_at(seoul(2026, 1, 10)):
        deal = make_deal(cast, cast.bora, cast.stages[2], amount=100, created_at=seoul(2026, 1, 10))
    with as_recorded_at(seoul(2026, 2, 10)):
        Deal.objects.filter(pk=deal.pk).update(owner=cast.minsu)

    found = ask(cast, "open_deals", by="rep", grain="month")

    assert table(found) == {"Bora": [1, 0, 0], "Minsu": [0, 1, 1]}


def test_amounts_by_product_are_those_of_the_lines_in_every_cell(deals: Cast) -> None:
    deal = Deal.objects.get(amount=4_000_000)
    for name, amount in (("GTX Pro", 3), ("GTX Plus", 2)):
        product = Product.objects.create(name=name)
        DealLine.objects.create(deal=deal, product=product, quantity=1, amount=amount)

    found = table(ask(deals, "won_revenue", by="product", grain="month"))

    assert found["GTX Pro"] == [0, 3, 0]
    assert found["GTX Plus"] == [0, 2, 0]
    assert found["Not known"] == [0, 3_000_000, 0]


def test_each_cell_is_held_against_its_own_target(deals: Cast) -> None:
    february = deals.company.calendar.parse("2026-02", at=NOW)
    span = {"start": february.start, "end": february.end}
    Target.objects.create(kpi="won_revenue", user=deals.minsu, value=4_000_000, **span)

    found = ask(deals, "target_attainment", by="rep", grain="month")

    assert table(found)["Minsu"] == [None, Decimal("0.25"), None]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"grain": "month"}, "grain"),
        ({"by": "month", "grain": "week"}, "grain"),
        ({"by": "team", "grain": "hour"}, "grain"),
        ({"by": "team", "grain": "day"}, "grain"),
    ],
)
def test_what_cannot_be_crossed_says_so(cast: Cast, asked: dict[str, str], field: str) -> None:
    with pytest.raises(BadQuestion) as refusal:
        ask(cast, "won_revenue", **asked)

    assert refusal.value.field == field


@pytest.mark.parametrize("kpi", ["won_revenue", "win_rate", "open_pipeline", "sales_cycle"])
def test_cells_come_from_the_same_statement(deals: Cast, kpi: str) -> None:
    ask(deals, kpi, by="team")
    with CaptureQueriesContext(connection) as plain:
        ask(deals, kpi, by="team")
    with CaptureQueriesContext(connection) as crossed:
        ask(deals, kpi, by="team", grain="month")

    assert len(crossed) == len(plain)


def test_stored_values_hold_the_same_cells(deals: Cast, stored_values: None) -> None:
    options = {"by": "team", "grain": "month"}
    fill(NOW)
    stored = ask(deals, "won_revenue", **options)
    recalled = ask(deals, "won_revenue", **options)

    assert (
        table(stored)
        == table(recalled)
        == {
            "Busan": [0, 4_000_000, 0],
            "Seoul": [0, 3_000_000, 0],
        }
    )


def test_cells_over_http(deals: Cast) -> None:
    client = APIClient()
    client.force_login(deals.eunji)
    found = client.get("/api/v1/kpis/won_revenue/?period=2026-Q1&by=team&grain=month").json()

    busan = found["rows"][0]
    assert busan["cells"][1] == {
        "key": "2026-02",
        "label": "Feb",
        "value": "4000000",
        "numerator": "4000000",
        "denominator": None,
    }
    assert [cell["value"] for cell in found["over_time"]] == ["0", "7000000", "0"]
    refused = client.get("/api/v1/kpis/won_revenue/?period=2026-Q1&grain=month")
    assert refused.status_code == 400
    assert "grain" in refused.json()["errors"]


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(company=companies)
def test_every_cell_equals_the_naive_second_of_its_rep_and_month(
    cast: Cast, company: dict[str, Any]
) -> None:
    """Flows and cohorts; stocks of months that are over come from history, which is above."""
    period = cast.company.calendar.parse("2026-Q1", at=NOW)
    scope = resolve("company", cast.eunji)
    with transaction.atomic():
        write(cast, company)
        asked = [
            Question(kpi.key, scope, period, basis.key, by="rep", grain="month")
            for kpi in all_kpis().values()
            for basis in kpi.bases
            if "rep" in basis.dimensions and kpi.kind is not Kind.STOCK and not kpi.of_other
        ]
        worlds = {each.code: world_of(each, None, now=NOW) for each in period.split(Grain.MONTH)}
        wrong = [
            (found.kpi.key, found.basis.key, row.key, cell.key, cell.result.value, expected)
            for found in answer(asked, viewer=cast.eunji, at=NOW)
            for row in found.rows
            for cell in row.cells
            if row.key
            and not same(
                cell.result.value,
                expected := naive(
                    replace(worlds[cell.key], user_id=int(row.key)),
                    found.kpi.key,
                    found.basis.key,
                ),
            )
        ]
        transaction.set_rollback(True)
    assert wrong == []


def test_the_longest_crossing_is_answered(cast: Cast) -> None:
    period = f"2026-01-01..{(seoul(2026, 1, 1) + timedelta(days=59)).date()}"

    assert len(ask(cast, "won_revenue", period, by="team", grain="day").over_time) == 60
