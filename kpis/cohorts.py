"""Cohort tables as the URL asks for them: whose, of which months, on which basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Company, User
from accounts.scope import reach
from kpis.asking import reading_of
from kpis.parameters import question_from
from kpis.questions import BadQuestion, Question
from periods import Grain
from pipeline.cohorts import Cohort, Kind, cohorts, months_of

DEFAULT_PERIOD = "last-12-months"
MOST_MONTHS = 60
# What a cohort's share is of; its filters are those of that KPI.
KPIS = {Kind.CONVERSION: "lead_conversion_rate", Kind.RETENTION: "retention_rate"}
BASES = {
    Kind.CONVERSION: {"cohort": gettext_lazy("leads that became deals")},
    Kind.RETENTION: {
        "purchase": gettext_lazy("customers who bought in the month"),
        "contract": gettext_lazy("customers with a running contract"),
    },
}


@dataclass(frozen=True)
class CohortTable:
    """Months of entry with what became of them; read at `at`."""

    kind: Kind
    basis: str
    question: Question
    at: datetime
    rows: list[Cohort]

    @property
    def ages(self) -> range:
        """In months, as far as the oldest cohort has come."""
        return range(max((len(cohort.counts) for cohort in self.rows), default=0))


def cohort_table(
    kind: Kind, parameters: Mapping[str, str], *, viewer: User, at: datetime
) -> CohortTable:
    """The table that URL parameters ask for. BadQuestion names the one that is wrong."""
    basis = parameters.get("basis") or next(iter(BASES[kind]))
    if basis not in BASES[kind]:
        choices = ", ".join(BASES[kind])
        raise BadQuestion("basis", _("Use one of: %(choices)s.") % {"choices": choices})
    asked = {**parameters, "period": parameters.get("period") or DEFAULT_PERIOD, "basis": basis}
    question = question_from(KPIS[kind], asked, viewer=viewer, at=at)
    months = months_of(question.period)
    if len(months.split(Grain.MONTH)) > MOST_MONTHS:
        raise BadQuestion("period", _("Choose a shorter period."))
    question = replace(question, period=months)
    tree = reach(viewer).tree
    reading = reading_of(question, tree=tree, at=at, currency=Company.current().currency)
    return CohortTable(kind, basis, question, reading.at, cohorts(kind, reading, basis))
