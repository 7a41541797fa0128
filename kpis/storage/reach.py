"""Which stored values a change may move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.db import connection

from kpis.storage.columns import Source, sources, stored_facts
from kpis.storage.filling import Leaf
from kpis.storage.units import DAY, StoredSpan, spans_of_instant
from periods import Calendar, PeriodError
from pipeline.models import Deal, Outcome, Rate, Touched
from pipeline.reading import RATE_LASTS

_RATE = str(Rate._meta.model_name)

Sources = tuple[Source, ...]


@dataclass
class Reach:
    """Leaves by the sources of their moved values, whole spans, or everything."""

    leaves: dict[Sources, set[Leaf]] = field(default_factory=dict)
    spans: set[StoredSpan] = field(default_factory=set)
    everything: bool = False

    @property
    def all_spans(self) -> set[StoredSpan]:
        return self.spans | {leaf.span for leaves in self.leaves.values() for leaf in leaves}


def reach(marks: Iterable[Touched], calendar: Calendar) -> Reach:
    """What the changes behind these marks may have moved."""
    found = Reach()
    relevant = [mark for mark in marks if mark.fact in stored_facts()]
    for mark in relevant:
        if mark.owner_id is None and mark.team_id is None and not mark.instants:
            found.everything = True
        elif mark.fact == _RATE:
            found.spans |= set(_spans(mark.instants, _RATE, calendar))
        else:
            found.leaves.setdefault(_of_fact(mark.fact), set()).update(_leaves(mark, calendar))
    for source in sources():
        if source.population.by_customer:
            customers = Counter(mark.customer_id for mark in relevant if mark.fact == source.fact)
            del customers[None]
            found.leaves[source,] = set(_leaves_of_customers(customers, calendar))
    return found


@cache
def _of_fact(fact: str) -> Sources:
    return tuple(source for source in sources() if source.fact == fact)


def _leaves(mark: Touched, calendar: Calendar) -> Iterator[Leaf]:
    for span in _spans(mark.instants, mark.fact, calendar):
        yield Leaf(span, mark.team_id, mark.owner_id)


def _spans(instants: Sequence[datetime], fact: str, calendar: Calendar) -> Iterator[StoredSpan]:
    # A date in a mark became an instant in whatever zone its writer's session had.
    before = DAY if fact in _facts_by_day() else 0 * DAY
    after = before + (RATE_LASTS if fact == _RATE else 0 * DAY)
    for instant in instants:
        try:
            yield from spans_of_instant(instant, before, after, calendar)
        except PeriodError:
            # No period that anybody could ask for holds it.
            continue


def _facts_by_day() -> set[str]:
    return {source.fact for source in sources() if source.population.is_day} | {_RATE}


# What is counted of a customer is decided by which of its wins is the first.
_FIRST_WINS = f"""
SELECT won.team_id, won.owner_id, won.closed_at
FROM unnest(%s::bigint[], %s::bigint[]) AS touched (customer_id, changes)
CROSS JOIN LATERAL (
    SELECT deal.team_id, deal.owner_id, deal.closed_at FROM {Deal._meta.db_table} AS deal
    WHERE deal.customer_id = touched.customer_id AND deal.outcome = '{Outcome.WON}'
    ORDER BY deal.closed_at, deal.id LIMIT touched.changes + 1) AS won
"""


def _leaves_of_customers(customers: Mapping[int | None, int], calendar: Calendar) -> Iterator[Leaf]:
    """Where the first wins of these customers are counted, and were before so many changes.

    A changed deal's own marks say where it counts and counted. Of the others, the earliest counts
    if none that changed lies before it, and so it was before: no more lie there than changed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_WINS, [list(customers), list(customers.values())])
        wins = cursor.fetchall()
    for team, owner, closed_at in wins:
        for span in _spans([closed_at], "deal", calendar):
            yield Leaf(span, team, owner)
