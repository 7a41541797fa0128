"""What the catalog's declarations say of themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import override

from accounts.scope import COMPANY
from kpis.checks import faults
from kpis.questions import Question
from kpis.registry import all_kpis
from periods import Calendar
from tests.cast import SEOUL, seoul


@pytest.mark.parametrize(
    ("key", "facts"),
    [
        ("lead_volume", {"lead"}),
        ("won_revenue", {"deal", "rate"}),
        ("pipeline_coverage", {"deal", "rate", "stage", "target"}),
        ("retention_rate", {"customer", "contract", "deal"}),
        ("cac", {"cost", "deal", "rate"}),
    ],
)
def test_a_kpi_names_the_facts_whose_changes_may_move_it(key: str, facts: set[str]) -> None:
    assert facts <= all_kpis()[key].facts


def test_a_key_declared_twice_is_a_fault() -> None:
    kpi = all_kpis()["win_rate"]
    assert list(faults([kpi, kpi])) == ["The KPI 'win_rate' is declared 2 times."]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"key": "Win rate"}, "must be lower case words"),
        ({"help": ""}, "needs a label and a help text"),
        ({"bases": ()}, "needs at least one basis"),
    ],
)
def test_a_wrong_declaration_says_what_is_wrong(wrong: dict[str, object], said: str) -> None:
    kpi = replace(all_kpis()["win_rate"], **wrong)  # type: ignore[arg-type]  # wrong on purpose
    assert said in " ".join(faults([kpi]))


def test_the_catalog_itself_is_without_fault() -> None:
    assert list(faults(list(all_kpis().values()))) == []


KEYS = """
visits lead_volume lead_conversion_rate lead_response_time new_deals new_pipeline
open_deals open_pipeline weighted_pipeline pipeline_coverage win_rate won_deals won_revenue
average_deal_size sales_cycle sales_velocity target_attainment pace retention_rate renewal_rate
repurchase_rate nrr grr churned_value existing_revenue_share expansion_share
customer_lifetime_value cac cac_payback ltv_cac sales_profit_margin
forecast_commit forecast_best_case forecast_gap forecast_p50
"""


@pytest.mark.parametrize("key", KEYS.split())
def test_the_catalog_has_every_kpi_that_scripts_may_name(key: str) -> None:
    assert key in all_kpis()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_formula_can_be_written_with_its_parts(language: str) -> None:
    others = dict.fromkeys(["value", "target", "attained", "expected"], "1")
    with override(language):
        for kpi in all_kpis().values():
            for basis in kpi.bases:
                parts = dict.fromkeys(basis.measures, "1")
                assert "%(" not in basis.worked % {**others, **parts}


@pytest.mark.parametrize(
    ("asked", "facts"),
    [
        ({"by": "industry"}, {"deal", "rate", "customer"}),
        ({"by": "product"}, {"deal", "rate", "dealline"}),
        ({"filters": (("region", "Seoul"),)}, {"deal", "rate", "customer"}),
        ({"by": "rep"}, {"deal", "rate"}),
        ({"by": "month"}, {"deal", "rate"}),
    ],
)
def test_a_question_names_what_puts_rows_into_its_parts(
    asked: dict[str, Any], facts: set[str]
) -> None:
    period = Calendar(SEOUL).parse("2026-Q1", at=seoul(2026, 3, 1))
    assert Question("won_revenue", COMPANY, period, **asked).facts == facts
