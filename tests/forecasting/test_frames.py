"""Reading versions gives the very history that was written, as it was known at an instant."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.replay import replay
from forecasting.model.frames import Instant, Part, read_history
from forecasting.model.history import COLUMNS, moment
from pipeline.demo.plan import Plan
from pipeline.demo.seeding import seed
from tests.forecasting.imagined import LAST_QUARTER, SEOUL, UNTIL, demo, known_at

pytestmark = pytest.mark.django_db
DEALS = 300
# Ids differ from places in the demo's tables; what they refer to is compared by its shape.
IDS = {"deal", "owner", "team", "stage"}


@pytest.fixture
def written() -> None:
    seed(Plan(DEALS, 4, UNTIL, SEOUL), say=lambda _line: None)


@pytest.mark.usefixtures("written")
def test_what_is_read_is_what_was_imagined() -> None:
    read, imagined = read_history(Instant(UNTIL)), demo(DEALS, 4)

    for column in set(COLUMNS) - IDS:
        assert np.array_equal(read[column], imagined[column], equal_nan=column != "expected"), (
            column
        )
    for column in IDS:
        _ids, places = np.unique(read[column], return_inverse=True)
        _own, expected = np.unique(imagined[column], return_inverse=True)
        assert np.array_equal(places, expected), column


@pytest.mark.usefixtures("written")
def test_what_was_known_then_is_what_is_read_as_known_then() -> None:
    at = Horizon.START.instant(LAST_QUARTER)

    then, cut = read_history(Instant(at, known_at=at)), known_at(read_history(Instant(UNTIL)), at)

    assert then.versions.equals(cut.versions)


@pytest.mark.usefixtures("written")
def test_a_fact_recorded_later_is_not_used_even_where_it_is_backdated() -> None:
    """Planted: a win of a thousand times everything, effective long before the horizon."""
    at = Horizon.START.instant(LAST_QUARTER)
    before = _said(at)
    with connection.cursor() as cursor:
        cursor.execute(_PLANT, {"at": at})
        assert cursor.rowcount > 10

    assert _said(at) == before


_PLANT = """
INSERT INTO pipeline_dealversion (row_id, valid_from, valid_to, recorded_from, deleted, outcome,
    amount, currency, owner_id, team_id, stage_id, kind, category, created_at, closed_at)
SELECT row_id + 1000000, valid_from - interval '30 days', 'infinity', %(at)s + interval '1 day',
    false, 'won', amount * 1000, currency, owner_id, team_id, stage_id, kind, category,
    created_at, valid_from - interval '30 days'
FROM pipeline_dealversion WHERE outcome = 'won' AND valid_from < %(at)s
"""


def _said(at: object) -> object:
    history = read_history(Instant(at, known_at=at))  # type: ignore[arg-type]
    said = replay(history, LAST_QUARTER, at, is_start=True, seed=1)  # type: ignore[arg-type]
    return said.of(range(len(said.leaves)))


@pytest.mark.usefixtures("written")
def test_the_standing_part_holds_what_is_open_or_was_closed_since() -> None:
    since = LAST_QUARTER.next().starts_at

    part, whole = read_history(Instant(UNTIL), Part(since=since)), read_history(Instant(UNTIL))

    open_deals = whole["deal"][whole.open_at(moment(UNTIL))]
    closed = whole["deal"][whole.closings[whole["began"][whole.closings] >= moment(since)]]
    assert set(part["deal"].tolist()) == set(open_deals.tolist()) | set(closed.tolist())
    assert len(part) < len(whole)


@pytest.mark.usefixtures("written")
def test_reading_takes_the_same_few_statements_whatever_the_size() -> None:
    with CaptureQueriesContext(connection) as queries:
        read_history(Instant(UNTIL, known_at=UNTIL))

    assert len(queries) <= 6
