"""What changed the pipeline between two instants, and that nothing is left unexplained."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.scope import resolve
from history import as_recorded_at, version_model
from pipeline.models import Deal, Rate
from pipeline.waterfall import Step, Window, deals_behind, missing_rates, waterfall
from tests.cast import Cast, make_deal, seoul
from tests.pipeline.naive_waterfall import Ends

BEFORE = seoul(2025, 12, 20)
START = seoul(2026, 1, 1)
MIDDLE = seoul(2026, 2, 10)
END = seoul(2026, 3, 31, 12)
IN, OUT = date(2026, 2, 20), date(2026, 5, 20)


def born(cast: Cast, owner: User, at: datetime = BEFORE, stage: int = 2, **fields: Any) -> Deal:
    with as_recorded_at(at):
        defaults = {"amount": 100, "expected_close": IN, "created_at": at}
        return make_deal(cast, owner, stage, **{**defaults, **fields})


def change(deal: Deal, at: datetime = MIDDLE, **fields: Any) -> None:
    if "stage" in fields:
        fields["outcome"] = fields["stage"].outcome
        fields["closed_at"] = None if fields["outcome"] == "open" else at
    with as_recorded_at(at):
        Deal.objects.filter(pk=deal.pk).update(**fields)


def window(cast: Cast, scope: str = "company", **changes: Any) -> Window:
    closing = cast.company.calendar.parse("2026-Q1", at=END)
    spans = {"closing": closing, "start": START, "end": END, "currency": "KRW", **changes}
    return Window(resolve(scope, cast.eunji), **spans)


def bars(cast: Cast, scope: str = "company", **changes: Any) -> dict[str, Decimal | None]:
    found = waterfall(window(cast, scope, **changes))
    assert found.residual == 0
    return {bar.step.value: bar.value for bar in found.bars if bar.value}


def test_a_deal_that_stays_is_in_both_totals(cast: Cast) -> None:
    born(cast, cast.minsu)
    assert bars(cast) == {"start": 100, "end": 100}


@pytest.mark.parametrize(
    ("amount", "step", "value"), [(130, "increased", 30), (60, "decreased", -40)]
)
def test_another_amount_is_a_change(cast: Cast, amount: int, step: str, value: int) -> None:
    change(born(cast, cast.minsu), amount=amount)
    assert bars(cast) == {"start": 100, step: value, "end": amount}


def test_won_counts_at_the_final_amount_and_the_difference_as_a_change(cast: Cast) -> None:
    change(born(cast, cast.minsu), stage=cast.won, amount=80)
    assert bars(cast) == {"start": 100, "decreased": -20, "won": -80}


def test_lost_does_too(cast: Cast) -> None:
    change(born(cast, cast.minsu), stage=cast.lost, lost_reason="price", amount=120)
    assert bars(cast) == {"start": 100, "increased": 20, "lost": -120}


def test_a_deal_moves_at_its_old_amount_and_then_shows_the_change(cast: Cast) -> None:
    change(born(cast, cast.minsu, expected_close=OUT), expected_close=IN, amount=150)
    assert bars(cast) == {"moved_in": 100, "increased": 50, "end": 150}


def test_a_deal_that_moves_out_leaves_at_its_old_amount(cast: Cast) -> None:
    change(born(cast, cast.minsu), expected_close=OUT, amount=150)
    assert bars(cast) == {"start": 100, "moved_out": -100}


def test_created_and_closed_inside_the_window_shows_gross(cast: Cast) -> None:
    change(born(cast, cast.minsu, seoul(2026, 1, 20)), stage=cast.won)
    change(
        born(cast, cast.jiwoo, seoul(2026, 1, 20), amount=7),
        stage=cast.lost,
        lost_reason="price",
    )
    assert bars(cast) == {"new": 107, "won": -100, "lost": -7}


def test_owner_transfers_move_between_scopes_but_not_within(cast: Cast) -> None:
    change(born(cast, cast.minsu), owner=cast.bora, team=cast.teams["busan-1"], amount=120)
    assert bars(cast, "team:seoul") == {"start": 100, "transferred": -100}
    assert bars(cast, "team:busan") == {"transferred": 100, "increased": 20, "end": 120}
    assert bars(cast) == {"start": 100, "increased": 20, "end": 120}


def test_re_categorised(cast: Cast) -> None:
    change(born(cast, cast.minsu), category="omitted")
    change(born(cast, cast.minsu, amount=30, stage=1), stage=cast.stages[1])
    assert bars(cast) == {"start": 100, "recategorised": -70, "end": 30}


def test_reopened(cast: Cast) -> None:
    change(born(cast, cast.minsu, stage=6, closed_at=BEFORE), stage=cast.stages[1])
    assert bars(cast) == {"reopened": 100, "end": 100}


def test_deleted(cast: Cast) -> None:
    deal = born(cast, cast.minsu)
    with as_recorded_at(MIDDLE):
        deal.delete()
    assert bars(cast) == {"start": 100, "deleted": -100}
    (moved,) = deals_behind(window(cast), Step.DELETED)
    assert moved.name is None
    assert moved.contribution == -100


def test_what_the_rate_did_is_a_step_of_its_own(cast: Cast) -> None:
    for day, price in ((date(2025, 12, 31), 1000), (date(2026, 3, 30), 1100)):
        Rate.objects.create(currency="USD", day=day, price=price)
    change(born(cast, cast.minsu, currency="USD", amount=2), amount=3)
    assert bars(cast) == {"start": 2000, "currency": 200, "increased": 1100, "end": 3300}


def test_without_a_rate_the_bars_are_not_known_and_the_rate_is_named(cast: Cast) -> None:
    born(cast, cast.minsu, currency="USD")
    found = waterfall(window(cast))
    assert (found.bars[0].value, found.residual) == (None, None)
    assert missing_rates(window(cast)) == [
        ("USD", date(2025, 12, 31)),
        ("USD", date(2026, 3, 31)),
    ]


def test_the_deals_behind_a_bar_add_up_to_it(cast: Cast) -> None:
    change(born(cast, cast.minsu, name="First"), stage=cast.won)
    change(born(cast, cast.bora, name="Second", amount=300), stage=cast.won)
    found = deals_behind(window(cast), Step.WON)
    assert {moved.name: moved.contribution for moved in found} == {"Second": -300, "First": -100}
    assert [moved.name for moved in deals_behind(window(cast), Step.WON, limit=1, offset=1)] == [
        "First"
    ]


def test_it_is_one_statement(cast: Cast) -> None:
    asked = window(cast)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        waterfall(asked)
    assert len(queries) == 1


days = st.integers(0, 130)
owners = st.sampled_from(["minsu", "jiwoo", "bora"])
edits = st.fixed_dictionaries(
    {},
    optional={
        "owner": owners,
        "stage": st.integers(0, 5),
        "amount": st.one_of(st.none(), st.integers(0, 500)),
        "currency": st.sampled_from(["KRW", "USD"]),
        "category": st.sampled_from(["", "omitted", "commit"]),
        "expected_close": st.one_of(st.none(), st.sampled_from([IN, OUT])),
    },
)
stories = st.lists(
    st.tuples(st.lists(st.tuples(days, edits), min_size=1, max_size=6), st.booleans()), max_size=5
)


def tell(cast: Cast, stories: list[Any]) -> None:
    """Deals that live through edits on days after BEFORE, some deleted a day after the last."""
    for edits, is_deleted in stories:
        moments = sorted(edits, key=lambda edit: edit[0])
        deal = born(cast, cast.minsu, BEFORE + timedelta(days=moments[0][0], minutes=-1))
        for day, edit in moments:
            change(deal, BEFORE + timedelta(days=day), **_fields(cast, edit))
        if is_deleted:
            with as_recorded_at(BEFORE + timedelta(days=moments[-1][0] + 1)):
                Deal.objects.filter(pk=deal.pk).delete()


def _fields(cast: Cast, edit: dict[str, Any]) -> dict[str, Any]:
    fields = dict(edit)
    if "owner" in fields:
        fields["owner"] = getattr(cast, fields["owner"])
        fields["team"] = fields["owner"].memberships.get().team
    if "stage" in fields:
        fields["stage"] = cast.stages[fields["stage"]]
        fields["lost_reason"] = "price" if fields["stage"] == cast.lost else ""
    return fields


def _states(at: datetime) -> dict[int, Any]:
    versions = version_model(Deal).objects.at(at)
    return {row["row_id"]: row for row in versions.values() if row.pop("valid_to")}


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stories=stories, ends=st.tuples(days, days), whose=st.integers(0, 2))
def test_nothing_is_left_unexplained_whatever_happened(
    cast: Cast, stories: list[Any], ends: tuple[int, int], whose: int
) -> None:
    first, last = sorted(BEFORE + timedelta(days=day, hours=5) for day in ends)
    scope = ("company", "team:seoul", f"user:{cast.bora.pk}")[whose]
    with transaction.atomic():
        for week in range(21):
            day = (BEFORE + timedelta(weeks=week - 1)).date()
            Rate.objects.create(currency="USD", day=day, price=1000 + week)
        tell(cast, stories)
        asked = window(cast, scope, start=first, end=last)
        found = waterfall(asked)
        behind = {step: deals_behind(asked, step) for step in Step}
        expected = _naive(cast, asked).bars()
        transaction.set_rollback(True)
    assert found.residual == 0
    assert {bar.step.value: bar.value for bar in found.bars if bar.value} == expected
    for bar in found.bars:
        assert sum(moved.contribution or 0 for moved in behind[bar.step]) == bar.value


def _naive(cast: Cast, asked: Window) -> Ends:
    seoul_teams = {cast.teams[slug].pk for slug in ("seoul", "seoul-1", "seoul-2")}
    is_theirs = {
        "company": bool,
        "team": lambda row: row["team_id"] in seoul_teams,
        "user": lambda row: row["owner_id"] == cast.bora.pk,
    }[asked.scope.kind.value]
    return Ends(
        before=_states(asked.start),
        after=_states(asked.end),
        start=asked.closing.start,
        end=asked.closing.end,
        is_theirs=is_theirs,
        omitted_stages={stage.pk for stage in cast.stages if stage.category == "omitted"},
        price=lambda at: Decimal(1001 + (asked.day(at) - BEFORE.date()).days // 7),
        from_instant=asked.start,
        to_instant=asked.end,
    )
