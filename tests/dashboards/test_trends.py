"""Twelve months of figures, those of states among them, and the small lines of tiles."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboards.trends import Pace, months_of, pace_of
from history import as_recorded_at
from kpis.evaluate import answer
from kpis.questions import Question
from kpis.registry import all_kpis
from pipeline.actions.deals import edit_deal
from tests.cast import Cast, make_deal, seoul
from tests.kpis.asking import NOW, ask

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def past(cast: Cast) -> Cast:
    """A deal of Minsu's over 100 since last May, over 300 since this January."""
    with as_recorded_at(seoul(2025, 5, 10)):
        at = seoul(2025, 5, 10)
        deal = make_deal(cast, cast.minsu, cast.stages[2], amount=100, created_at=at)
    with as_recorded_at(seoul(2026, 1, 10)):
        deal.refresh_from_db()
        changes = {"amount": Decimal(300)}
        edit_deal(deal=deal, by=cast.lee, revision=deal.revision, changes=changes)
    return cast


def two_years(cast: Cast, kpi: str) -> list[Decimal | None]:
    question = months_of(ask(cast, kpi).question)
    (found,) = answer([question], viewer=cast.eunji, at=NOW)
    return [row.result.value for row in found.rows]


def test_a_state_is_read_at_each_months_end_from_history(past: Cast) -> None:
    # April 2024 to March 2026.
    assert two_years(past, "open_deals") == [0] * 13 + [1] * 11
    assert two_years(past, "open_pipeline") == [0] * 13 + [100] * 8 + [300] * 3
    assert two_years(past, "weighted_pipeline")[12:15] == [0, 60, 60]


def test_each_month_is_what_that_month_says_itself(past: Cast) -> None:
    months = two_years(past, "open_pipeline")

    assert months[-4:] == [
        ask(past, "open_pipeline", code).value
        for code in ("2025-12", "2026-01", "2026-02", "2026-03")
    ]


@pytest.mark.parametrize("kpi", ["open_pipeline", "retention_rate"])
def test_two_years_are_one_statement(past: Cast, kpi: str) -> None:
    question = ask(past, kpi).question
    with CaptureQueriesContext(connection) as one:
        answer([question], viewer=past.eunji, at=NOW)
    with CaptureQueriesContext(connection) as many:
        answer([months_of(question)], viewer=past.eunji, at=NOW)

    assert len(many) == len(one)


def test_every_figure_but_walks_through_stages_has_months(cast: Cast) -> None:
    never = {kpi.key for kpi in all_kpis().values() if pace_of(kpi) is Pace.NEVER}

    assert never == {"stage_conversion", "stage_dwell"}


def test_the_explorer_and_the_explanation_ask_for_slow_months_later(
    client: Client, past: Cast
) -> None:
    client.force_login(past.eunji)
    for address in ("/kpis/open_pipeline/", "/explain/open_pipeline/"):
        page = client.get(f"{address}?period=2026-Q1").content.decode()
        assert 'hx-get="/kpis/open_pipeline/trend/?period=2026-Q1"' in page
    card = client.get("/kpis/open_pipeline/trend/?period=2026-Q1").content.decode()

    assert '"y":[0.0,' in card.replace(" ", "") or "₩300" in card
    assert "₩100" in card
    assert client.get("/kpis/stage_dwell/trend/").status_code == 404
    assert client.get("/kpis/open_pipeline/trend/?period=someday").status_code == 400


def test_quick_months_come_with_the_page(client: Client, past: Cast) -> None:
    client.force_login(past.eunji)

    assert "/trend/" not in client.get("/kpis/won_revenue/").content.decode()


def test_tiles_of_states_get_their_lines_from_one_more_request(client: Client, past: Cast) -> None:
    client.force_login(past.eunji)
    home = client.get("/?period=2026-Q1").content.decode()
    (address,) = re.findall(r'hx-get="(/sparks/[^"]+)"', home)
    lines = client.get(address.replace("&amp;", "&")).content.decode()

    placed = set(re.findall(r'id="spark-(\w+)"', lines))
    assert placed == {"pipeline_coverage", "open_pipeline", "retention_rate"}
    assert placed == set(re.findall(r'id="spark-(\w+)"', home))
    pipeline = lines.split('id="spark-open_pipeline"')[1].split("</span>")[0]
    assert "sparkline-line" in pipeline
    assert "sparkline-last-year" in pipeline


def test_lines_of_figures_that_are_not_the_viewers_are_left_out(client: Client, cast: Cast) -> None:
    client.force_login(cast.minsu)
    lines = client.get("/sparks/?kpi=cac_payback&kpi=open_deals&kpi=nonsense").content.decode()

    assert re.findall(r'id="spark-(\w+)"', lines) == ["open_deals"]


def test_the_lines_of_several_tiles_are_one_statement(client: Client, past: Cast) -> None:
    client.force_login(past.eunji)

    def count(*keys: str) -> int:
        query = "&".join(f"kpi={key}" for key in keys)
        client.get(f"/sparks/?{query}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/sparks/?{query}")
        return len(queries)

    assert count("open_deals") == count("open_deals", "open_pipeline", "retention_rate")


def test_a_question_keeps_its_filters_and_its_instant(cast: Cast) -> None:
    question: Question = ask(cast, "open_deals", filters=(("industry", "Finance"),)).question

    assert months_of(question).filters == (("industry", "Finance"),)
