"""What every selection of facts says of itself."""

from __future__ import annotations

import re

import pytest
from django.apps import apps

from accounts.scope import COMPANY
from periods import Calendar
from pipeline.measures import Measure, contracts, costs, customers, deals, journeys, leads
from pipeline.reading import Reading
from tests.cast import SEOUL, seoul

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
