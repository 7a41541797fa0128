"""What was known of a period when it closed, for comparison with what is known now."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from django.db.models import Model, Subquery

from history import version_model
from kpis.questions import Question
from pipeline.measures import Measure
from pipeline.models import Contract, ContractTerm
from pipeline.populations import Population, Rows
from pipeline.reading import Reading


def closing_reading(question: Question, reading: Reading) -> Reading | None:
    """How the figure was read when its period closed; None where that says nothing.

    What became of a cohort later is no restatement: it is followed on purpose.
    """
    asked = question.against_close and question.period.is_over(reading.at)
    if not asked or reading.as_of or question.declared_basis.is_followed:
        return None
    close = question.period.ends_at
    return replace(reading, at=close, as_of=close, known_at=close)


@cache
def recording_of(fact: type[Model]) -> Measure:
    """Whether a fact was being recorded by an instant: 1, or 0 where it was only loaded later."""
    kept = Contract if fact is ContractTerm else fact
    name = str(kept._meta.model_name)

    def first(reading: Reading) -> Rows:
        versions = version_model(kept).objects
        oldest = Subquery(versions.order_by("pk").values("pk")[:1])
        found: Rows = versions.filter(pk=oldest, recorded_from__lte=reading.at)
        return found

    return Measure(f"recorded_{name}", name, Population(f"recorded_{name}", kept, first))
