"""What a definition says of a case in which a simpler one would come to another figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.scope import resolve
from history import as_recorded_at
from kpis.questions import Question
from kpis.records import records
from pipeline.models import Cost, Deal
from tests.cast import Cast, make_deal, seoul
from tests.kpis.asking import NOW, ask, rows


@pytest.fixture
def lost_for_nothing(cast: Cast) -> Deal:
    """Open at 300 until it was lost, when its amount was set to nothing; another was won at 100."""
    with as_recorded_at(seoul(2026, 1, 5)):
        make_deal(cast, cast.jiwoo, cast.won, amount=100)
        deal = make_deal(cast, cast.minsu, amount=200)
    with as_recorded_at(seoul(2026, 1, 9)):
        Deal.objects.filter(pk=deal.pk).update(amount=300)
    lost = {"stage": cast.lost, "outcome": "lost", "closed_at": seoul(2026, 2, 5)}
    with as_recorded_at(seoul(2026, 2, 5)):
        Deal.objects.filter(pk=deal.pk).update(lost_reason="price", amount=0, **lost)
    return deal


def test_lost_deals_count_at_their_last_open_amount(cast: Cast, lost_for_nothing: Deal) -> None:
    assert ask(cast, "win_rate", basis="value").value == Decimal(1) / 4
    by_rep = rows(ask(cast, "win_rate", basis="value", by="rep"))
    assert by_rep == {"Jiwoo": 1, "Minsu": 0}


def test_what_a_lost_deal_is_said_to_be_worth_later_does_not_count(
    cast: Cast, lost_for_nothing: Deal
) -> None:
    with as_recorded_at(seoul(2026, 2, 20)):
        Deal.objects.filter(pk=lost_for_nothing.pk).update(amount=900)
    assert ask(cast, "win_rate", basis="value").value == Decimal(1) / 4
    assert ask(cast, "win_rate", basis="value", as_of=seoul(2026, 2, 10)).value == Decimal(1) / 4


def test_a_deal_that_nobody_saw_open_counts_at_its_own(cast: Cast) -> None:
    make_deal(cast, cast.jiwoo, cast.won, amount=100)
    make_deal(cast, cast.minsu, cast.lost, amount=300, lost_reason="price")
    assert ask(cast, "win_rate", basis="value").value == Decimal(1) / 4


@pytest.fixture
def sold(cast: Cast) -> Cast:
    """Won by teams of Seoul (100, and 20 by Seoul's own lead) and of Busan (3)."""
    for owner, amount in ((cast.minsu, 100), (cast.rho, 20), (cast.bora, 3)):
        make_deal(cast, owner, cast.won, amount=amount)
    return cast


def test_a_filter_by_a_team_keeps_to_what_a_split_says_of_it(sold: Cast) -> None:
    split = ask(sold, "won_revenue", by="team")
    for row in split.rows:
        found = ask(sold, "won_revenue", filters=(("team", row.key),))
        assert found.value == row.result.value, row.label
    assert rows(split)["Seoul"] == 120


@pytest.mark.parametrize(("team", "value"), [("seoul", 100), ("seoul-1", 100), ("busan-1", 0)])
def test_a_filter_by_a_team_never_leaves_the_scope(sold: Cast, team: str, value: int) -> None:
    filters = (("team", str(sold.teams[team].pk)),)
    lead: dict[str, Any] = {"scope": "team:seoul-1", "viewer": sold.lee}
    assert ask(sold, "won_revenue", filters=filters, **lead).value == value
    person = f"user:{sold.minsu.pk}"
    assert ask(sold, "won_revenue", scope=person, filters=filters).value == value


def test_a_filter_by_a_team_that_is_not_there_keeps_nothing(sold: Cast) -> None:
    assert ask(sold, "won_revenue", filters=(("team", "999999"),)).value == 0


def test_the_rows_behind_a_filter_by_a_team_add_up_to_it(sold: Cast) -> None:
    span = sold.company.calendar.parse("2026-Q1", at=NOW)
    filters = (("team", str(sold.teams["seoul"].pk)),)
    question = Question("won_revenue", resolve("company", sold.eunji), span, filters=filters)
    found = records(question, viewer=sold.eunji, at=NOW)
    assert sorted(row["contribution"] for row in found.rows) == [20, 100]


def test_what_delivering_cost_without_saying_for_what_is_the_company_s_alone(sold: Cast) -> None:
    day = date(2026, 2, 5)
    deal = Deal.objects.get(amount=100)
    team = sold.teams["seoul-1"]
    Cost.objects.create(kind="delivery", day=day, amount=40, deal=deal)
    Cost.objects.create(kind="delivery", day=day, amount=9, team=team)
    assert ask(sold, "margin").value == 123 - 49
    assert rows(ask(sold, "margin", by="team")) == {"Seoul": 80, "Busan": 3, "Not known": -9}
    assert ask(sold, "margin", scope="team:seoul").value == 80


def test_an_attainment_says_which_way_it_is_made(cast: Cast) -> None:
    up, down = (ask(cast, "target_attainment", of=of) for of in ("won_revenue", "sales_cycle"))
    assert (up.formula, down.formula) == ("actual ÷ target", "target ÷ actual")
    assert ask(cast, "won_deals").formula == "won deals"


def test_who_joined_within_the_period_is_marked_among_the_reps(sold: Cast) -> None:
    for person, day in ((sold.minsu, date(2026, 1, 1)), (sold.bora, date(2025, 12, 31))):
        person.joined_on = day
        person.save()
    found = ask(sold, "won_revenue", by="rep").rows
    assert [row.label for row in found if row.is_ramping] == ["Minsu"]
    earlier = ask(sold, "won_revenue", "2025-Q4", by="rep", at=NOW)
    assert not any(row.is_ramping for row in earlier.rows if row.label != "Bora")
