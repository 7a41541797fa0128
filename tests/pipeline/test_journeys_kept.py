"""What deals went through is kept as it would be found by walking through their versions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.scope import resolve
from history import as_recorded_at, infinity, version_model
from periods import Period
from pipeline.bulk import bulk_writing
from pipeline.journeys import tell_again
from pipeline.models import Deal, Product, SalesProcess, Stage, StageArrival, StageVisit, Touched
from pipeline.populations import Rows, journeys
from pipeline.reading import Reading
from pipeline.tasks import tell_journeys_again
from tests.cast import Cast, make_deal, seoul
from tests.kpis.edits import EDITS, Edit, Scene, reach_back
from tests.pipeline import walked

START, LATER = seoul(2026, 1, 5, 9), seoul(2026, 6, 1)
VISIT = ("row_id", "stage_id", "owner_id", "team_id", "began", "went")
ARRIVAL = ("row_id", "passed", "owner_id", "team_id", "came")
KINDS: tuple[tuple[Callable[[Reading], Rows], Callable[[Reading], Rows], tuple[str, ...]], ...] = (
    (journeys.VISITS_ENDED.select, walked.visits_ended, VISIT),
    (journeys.ARRIVALS.select, walked.arrivals, ARRIVAL),
    (journeys.ARRIVALS_THAT_WENT_ON.select, walked.went_on, ARRIVAL),
    (journeys.ARRIVALS_THAT_LEFT.select, walked.left, ARRIVAL),
)


@pytest.fixture(autouse=True)
def sold(db: None) -> None:
    """What random edits sell."""
    Product.objects.create(name="Basic")


def reading(
    cast: Cast,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    cutoff: datetime | None = None,
) -> Reading:
    calendar = cast.company.calendar
    ever = Period(START.date().replace(day=1), LATER.date(), None, calendar)
    scope = resolve("company", cast.eunji)
    at = as_of or LATER
    return Reading(scope, ever, at, "KRW", as_of=as_of, known_at=known_at, cutoff=cutoff)


def both(asked: Reading) -> tuple[list[Any], list[Any]]:
    """The rows of every kind as they are kept, and as they are found by walking."""
    kept, found = [], []
    for keep, walk, columns in KINDS:
        kept.append(sorted(map(repr, keep(asked).values_list(*columns))))
        found.append(sorted(map(repr, walk(asked).values_list(*columns))))
    return kept, found


def move(deal: Deal, stage: Stage, at: datetime) -> None:
    deal.stage, deal.outcome = stage, stage.outcome
    deal.closed_at = None if stage.outcome == "open" else at
    with as_recorded_at(at):
        deal.save()


def walk(cast: Cast, *stages: int, **fields: Any) -> Deal:
    """A deal that comes to stages, by number, one a week."""
    with as_recorded_at(START):
        deal = make_deal(cast, cast.minsu, stages[0], **{"created_at": START, **fields})
    for week, stage in enumerate(stages[1:], 1):
        move(deal, cast.stages[stage - 1], START + timedelta(weeks=week))
    return deal


def put_in_order(process: SalesProcess, *places: int) -> None:
    """Give the stages of a process other places, and end what waits for the commit."""
    for stage, place in zip(process.stages.order_by("position"), places, strict=False):
        Stage.objects.filter(pk=stage.pk).update(position=place)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_visit_is_kept_from_when_the_deal_came_until_it_went(cast: Cast) -> None:
    deal = walk(cast, 1, 3)
    first, second = StageVisit.objects.filter(row=deal).order_by("began")
    assert (first.stage, first.began, first.went) == (
        cast.stages[0],
        START,
        START + timedelta(weeks=1),
    )
    assert (first.moved_on, first.is_told) == (True, True)
    assert StageVisit.objects.filter(pk=second.pk, went=infinity(), moved_on=False).exists()


def test_skipped_stages_are_arrived_at_and_left_behind_at_once(cast: Cast) -> None:
    walk(cast, 1, 3)
    skipped = StageArrival.objects.get(passed=cast.stages[1])
    assert skipped.came == skipped.beyond_at == START + timedelta(weeks=1)
    assert StageArrival.objects.get(passed=cast.stages[2]).beyond_at is None


def test_two_changes_in_one_transaction_leave_one_visit(cast: Cast) -> None:
    deal = make_deal(cast, cast.minsu, 1)
    deal.stage = cast.stages[1]
    deal.save()
    assert [visit.stage for visit in StageVisit.objects.filter(row=deal)] == [cast.stages[1]]


def test_a_past_that_is_told_late_is_retold(cast: Cast) -> None:
    deal = walk(cast, 1, 3)
    reach_back(Deal, deal.pk, {"stage_id": cast.stages[3].pk}, START + timedelta(weeks=2))
    stages = StageVisit.objects.filter(row=deal).order_by("began").values_list("stage", flat=True)
    assert list(stages) == [cast.stages[0].pk, cast.stages[2].pk, cast.stages[3].pk]


def test_removed_versions_leave_nothing(cast: Cast) -> None:
    deal = walk(cast, 1, 3)
    version_model(Deal).objects.filter(row=deal.pk).delete()
    assert not StageVisit.objects.exists()
    assert not StageArrival.objects.exists()


def test_stages_that_change_places_have_every_journey_retold(cast: Cast) -> None:
    walk(cast, 1, 3)
    walk(cast, 3, 2)
    process = cast.stages[0].process
    put_in_order(process)
    put_in_order(process, 1, 3, 2)
    kept, found = both(reading(cast))
    assert kept == found
    assert StageArrival.objects.filter(passed=cast.stages[1], beyond_at__isnull=False).count() == 0
    assert Touched.objects.filter(fact="deal", owner_id=None, instants=[]).exists()


def test_bulk_writing_tells_the_journeys_at_its_end(cast: Cast) -> None:
    with bulk_writing() as bulk:
        (deal,) = bulk.reserve(Deal, 1)
        row = {"id": deal, "name": "Bulk", "owner": cast.minsu.pk, "stage": cast.stages[1].pk}
        bulk.copy_rows(Deal, list(row), [list(row.values())])
        bulk.copy_versions(
            Deal,
            ["row", "valid_from", "valid_to", "stage", "outcome"],
            [
                (deal, START, START + timedelta(days=3), cast.stages[0].pk, "open"),
                (deal, START + timedelta(days=3), None, cast.stages[1].pk, "open"),
            ],
        )
        assert not StageVisit.objects.exists()
    assert StageVisit.objects.filter(row=deal).count() == 2
    later = make_deal(cast, cast.bora, 1)
    assert StageVisit.objects.filter(row=later).exists()


def test_telling_again_changes_only_what_is_wrong(cast: Cast) -> None:
    walk(cast, 1, 2, 3)
    assert sum(tell_again()) == 0
    StageVisit.objects.filter(stage=cast.stages[0]).delete()
    StageArrival.objects.filter(passed=cast.stages[1]).update(beyond_at=None)
    assert sum(tell_again()) == 2
    kept, found = both(reading(cast))
    assert kept == found


def test_what_is_found_wrong_at_night_leaves_a_mark(cast: Cast) -> None:
    walk(cast, 1, 2, 3)
    Touched.objects.all().delete()
    tell_journeys_again()
    assert not Touched.objects.exists()
    StageVisit.objects.all().delete()
    tell_journeys_again()
    assert Touched.objects.get().fact == "deal"


def test_visits_known_then_are_those_kept_but_of_deals_whose_past_was_told_late(
    cast: Cast,
) -> None:
    """Only what the deals went through that an import corrected is told from their versions."""
    walk(cast, 1, 2, 3)
    late = walk(cast, 1, 3)
    known = START + timedelta(weeks=3)
    before = sorted(visits(reading(cast, as_of=known)))
    reach_back(Deal, late.pk, {"stage_id": cast.stages[1].pk}, START + timedelta(days=10))
    move(late, cast.stages[3], LATER - timedelta(days=1))

    then = reading(cast, as_of=known, known_at=known)
    assert retold(known) == {late.pk}
    assert sorted(visits(then)) == before
    assert sorted(visits(reading(cast, as_of=known))) != before


def retold(known: datetime) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_id FROM pipeline_retold(%s, %s)", [known, known])
        return {row for (row,) in cursor}


def visits(asked: Reading) -> list[str]:
    return list(map(repr, journeys.VISITS_ENDED.select(asked).values_list(*VISIT)))


NAMES = ("new deal", "move deal", "move deal ", "hand over deal", "price deal", "delete")
steps = st.lists(
    st.builds(Edit, st.sampled_from(NAMES), *[st.integers(0, 89)] * 3), min_size=4, max_size=24
)


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=steps,
    late=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 90)), max_size=3),
    places=st.permutations([1, 2, 3, 4]),
    day=st.integers(0, 130),
)
def test_what_is_kept_is_what_walking_finds_at_any_instant(
    cast: Cast,
    steps: list[Edit],
    late: list[tuple[int, int, int]],
    places: list[int],
    day: int,
) -> None:
    at = START + timedelta(days=day)
    with transaction.atomic():
        for number, step in enumerate(steps):
            moment = START + timedelta(days=4 * number)
            with as_recorded_at(moment):
                EDITS[step.name.strip()](Scene(cast, step, moment))
        deals = list(Deal.objects.order_by("pk"))
        for place, stage, days in late if deals else ():
            changes = {"stage_id": cast.stages[stage].pk, "outcome": cast.stages[stage].outcome}
            if changes["outcome"] == "open" == deals[place % len(deals)].outcome:
                since = START + timedelta(days=days)
                reach_back(Deal, deals[place % len(deals)].pk, changes, since)
        put_in_order(cast.stages[0].process, *places)
        asked = [
            reading(cast),
            reading(cast, cutoff=at),
            reading(cast, as_of=at),
            reading(cast, as_of=at, cutoff=at - timedelta(days=20)),
            reading(cast, as_of=at, known_at=at),
            reading(cast, as_of=at - timedelta(days=20), known_at=at),
        ]
        compared = [both(each) for each in asked]
        assert sum(tell_again()) == 0
        transaction.set_rollback(True)
    for kept, found in compared:
        assert kept == found
