"""The list of what happened to deals, which adds up to the waterfall at every node."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from history import as_recorded_at
from pipeline.deal_changes import Kind, changes, what_changed
from pipeline.models import Rate
from pipeline.waterfall import Step, waterfall
from tests.cast import Cast, seoul
from tests.pipeline.test_waterfall import (
    BEFORE,
    IN,
    MIDDLE,
    OUT,
    born,
    change,
    days,
    stories,
    tell,
    window,
)

LATER, EARLIER = date(2026, 3, 20), date(2026, 2, 1)


def listed(cast: Cast, scope: str = "company", **how: Any) -> list[tuple[str, int]]:
    found = changes(window(cast, scope, **how))
    return [(each.kind.value, int(each.contribution or 0)) for each in found]


def test_won_lost_and_new(cast: Cast) -> None:
    change(born(cast, cast.minsu, amount=300), stage=cast.won)
    change(born(cast, cast.minsu, amount=200), stage=cast.lost, lost_reason="price")
    born(cast, cast.minsu, seoul(2026, 1, 20))
    assert listed(cast) == [("won", -300), ("lost", -200), ("new", 100)]


def test_a_deal_put_off_has_slipped_and_says_how_often_in_all(cast: Cast) -> None:
    deal = born(cast, cast.minsu, expected_close=date(2026, 1, 30))
    change(deal, seoul(2026, 1, 5), expected_close=IN)
    change(deal, seoul(2026, 1, 20), expected_close=EARLIER)
    change(deal, expected_close=OUT)
    (found,) = changes(window(cast))
    assert (found.kind, int(found.contribution or 0), found.pushes) == (Kind.SLIPPED, -100, 2)
    assert (found.due_before, found.due_after) == (date(2026, 1, 30), OUT)


def test_one_put_off_within_the_period_is_told_but_moves_nothing(cast: Cast) -> None:
    change(born(cast, cast.minsu), expected_close=LATER)
    assert listed(cast) == [("slipped", 0)]


def test_pulled_in_and_grown(cast: Cast) -> None:
    change(born(cast, cast.minsu, expected_close=OUT), expected_close=IN, amount=150)
    assert listed(cast) == [("pulled_in", 100), ("grown", 50)]


def test_one_won_before_its_period_is_pulled_in_and_won(cast: Cast) -> None:
    change(born(cast, cast.minsu, expected_close=OUT), stage=cast.won)
    assert sorted(listed(cast)) == [("pulled_in", 100), ("won", -100)]


def test_shrunk_and_reopened(cast: Cast) -> None:
    change(born(cast, cast.minsu), amount=60)
    change(born(cast, cast.minsu, stage=6, closed_at=BEFORE), stage=cast.stages[1])
    assert listed(cast) == [("reopened", 100), ("shrunk", -40)]


def test_another_category_is_told_with_both(cast: Cast) -> None:
    change(born(cast, cast.minsu), category="commit")
    (found,) = changes(window(cast))
    assert (found.kind, int(found.contribution or 0)) == (Kind.RECATEGORISED, 0)
    assert (found.category_before, found.category_after) == ("pipeline", "commit")


def test_a_transfer_is_in_neither_total_of_the_team_that_has_both(cast: Cast) -> None:
    change(born(cast, cast.minsu), owner=cast.jiwoo)
    assert listed(cast, f"user:{cast.minsu.pk}") == [("transferred_out", -100)]
    assert listed(cast, f"user:{cast.jiwoo.pk}") == [("transferred_in", 100)]
    assert listed(cast, "team:seoul-1") == []


def test_a_deleted_deal_is_listed_without_a_name(cast: Cast) -> None:
    deal = born(cast, cast.minsu)
    with as_recorded_at(MIDDLE):
        deal.delete()
    (found,) = changes(window(cast))
    assert (found.kind, found.name, found.owner) == (Kind.DELETED, None, "Minsu")


def test_kinds_are_chosen_and_pages_follow_each_other(cast: Cast) -> None:
    for amount in (100, 300, 200):
        change(born(cast, cast.minsu, amount=amount), stage=cast.won)
    born(cast, cast.minsu, seoul(2026, 1, 20), amount=400)
    asked = window(cast)
    found = changes(asked, [Kind.WON], limit=2, offset=1)
    assert [each.amount_after for each in found] == [200, 100]


def test_without_a_rate_it_is_not_known_what_a_change_did(cast: Cast) -> None:
    change(born(cast, cast.minsu, currency="USD"), expected_close=OUT)
    (found,) = changes(window(cast))
    assert (found.kind, found.contribution) == (Kind.SLIPPED, None)
    assert [each.value for each in what_changed(window(cast)).tallies] == [None]


def test_sums_and_waterfall_are_one_statement(cast: Cast) -> None:
    change(born(cast, cast.minsu), amount=60)
    asked = window(cast)
    with CaptureQueriesContext(connection) as queries:
        found = what_changed(asked)
    assert len(queries) == 1
    assert found.waterfall == waterfall(asked)


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stories=stories, ends=st.tuples(days, days))
def test_the_list_adds_up_to_the_waterfall_whatever_happened_at_every_node(
    cast: Cast, stories: list[Any], ends: tuple[int, int]
) -> None:
    first, last = sorted(BEFORE + timedelta(days=day, hours=5) for day in ends)
    people = [f"user:{person.pk}" for person in (cast.minsu, cast.jiwoo, cast.bora)]
    with transaction.atomic():
        for week in range(21):
            day = (BEFORE + timedelta(weeks=week - 1)).date()
            Rate.objects.create(currency="USD", day=day, price=1000 + week)
        tell(cast, stories)
        grown = {
            scope: _grown(cast, scope, first, last)
            for scope in ("company", *(f"team:{slug}" for slug in cast.teams), *people)
        }
        transaction.set_rollback(True)
    assert grown["company"] == grown["team:seoul"] + grown["team:busan"]
    assert grown["company"] == sum(grown[person] for person in people)


def _grown(cast: Cast, scope: str, first: Any, last: Any) -> Decimal:
    """By how much a node's pipeline grew, by its list; the waterfall and the sums say the same."""
    asked = window(cast, scope, start=first, end=last)
    found, behind = what_changed(asked), changes(asked)
    bars = {bar.step: bar.value or Decimal(0) for bar in found.waterfall.bars}
    total = sum((each.contribution or Decimal(0) for each in behind), Decimal(0))
    assert found.waterfall.residual == 0
    assert total == bars[Step.END] - bars[Step.START]
    for tally in found.tallies:
        theirs = [each for each in behind if each.kind is tally.kind]
        assert len({each.deal for each in theirs}) == tally.changes
        assert sum((each.contribution or Decimal(0) for each in theirs), Decimal(0)) == tally.value
    assert {tally.kind for tally in found.tallies} == {each.kind for each in behind}
    return total
