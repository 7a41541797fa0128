"""What every selection of facts says of itself."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.apps import apps

from accounts.scope import COMPANY
from periods import Calendar
from pipeline.measures import Measure, contracts, costs, customers, deals, journeys, leads
from pipeline.models import Deal, Lead
from pipeline.populations import Population
from pipeline.reading import Reading
from tests.cast import SEOUL, Cast, make_deal, seoul

NOW = seoul(2026, 3, 16, 12)
QUARTER = Calendar(SEOUL).parse("2026-Q1", at=NOW)
# Joins the stages of one process; nothing of it is in a figure.
ONLY_JOINS = "pipeline_salesprocess"
# Told of what deals went through.
OF_DEALS = dict.fromkeys(("pipeline_stagevisit", "pipeline_stagearrival"), "pipeline_deal")
MEASURES = [
    each
    for module in (contracts, costs, customers, deals, journeys, leads)
    for each in vars(module).values()
    if isinstance(each, Measure)
]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.key)
def test_it_names_every_fact_that_its_sql_reads(measure: Measure) -> None:
    reading = Reading(scope=COMPANY, period=QUARTER, at=NOW, currency="KRW")
    rows = measure.of.rows(reading).annotate(brings=measure.contribution(reading))
    # What versions say changes with the facts that they are of.
    read = set(re.findall(r'"(pipeline_[a-z]+?)(?:version)?"', str(rows.query)))
    read = {OF_DEALS.get(table, table) for table in read}
    named = {apps.get_model("pipeline", fact)._meta.db_table for fact in measure.of.facts}
    assert read
    assert read - {ONLY_JOINS} <= named


AMONG = sorted({each.of for each in MEASURES if each.of.among}, key=lambda each: each.key)


@pytest.mark.django_db
@pytest.mark.parametrize("population", AMONG, ids=lambda population: population.key)
@pytest.mark.parametrize("cutoff", [None, seoul(2026, 3, 10)], ids=["now", "followed"])
def test_it_has_those_rows_of_the_wider_ones_that_it_says(
    cast: Cast, population: Population, cutoff: datetime | None
) -> None:
    created, closed = seoul(2026, 1, 5), seoul(2026, 3, 12)
    make_deal(cast, cast.minsu, cast.stages[1], created_at=created)
    for stage in (cast.won, cast.lost):
        make_deal(cast, cast.minsu, stage, created_at=created, closed_at=seoul(2026, 3, 2))
        make_deal(cast, cast.minsu, stage, created_at=created, closed_at=closed)
    Deal.objects.filter(outcome="lost", closed_at=closed).update(lost_reason="duplicate")
    for converted in (None, seoul(2026, 3, 1), closed):
        status = "converted" if converted else "new"
        Lead.objects.create(
            owner=cast.minsu, created_at=created, converted_at=converted, status=status
        )
    reading = Reading(scope=COMPANY, period=QUARTER, at=NOW, currency="KRW", cutoff=cutoff)
    own = set(population.rows(reading).values_list("pk", flat=True))
    for wider, only in population.wider(reading):
        assert own == set(wider.rows(reading).filter(only).values_list("pk", flat=True))
