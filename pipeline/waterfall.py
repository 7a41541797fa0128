"""What changed the pipeline between two instants: every deal's two end states, compared.

The pipeline is that of one target period: open deals, not omitted, expected to close in it.
A deal counts at its amount by the rate of the instant; what the rate alone did is a step of its
own, and all others are at the rate of the end, so that the steps add up exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Case, DateField, Q, QuerySet, TextField, When
from django.db.models import Value as Constant
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.scope import Scope
from periods import Period
from pipeline.models import Category, Deal, Outcome, Stage
from pipeline.populations.deals import omitted
from pipeline.reading import Reading, known, row_key


class Step(StrEnum):
    """Why the pipeline grew or shrank, in the order of the bars; `start` and `end` are totals."""

    START = "start"
    NEW = "new"
    MOVED_IN = "moved_in"
    INCREASED = "increased"
    MOVED_OUT = "moved_out"
    DECREASED = "decreased"
    WON = "won"
    LOST = "lost"
    TRANSFERRED = "transferred"
    RECATEGORISED = "recategorised"
    REOPENED = "reopened"
    DELETED = "deleted"
    CURRENCY = "currency"
    END = "end"


LABELS: Mapping[Step, Any] = {
    Step.START: _("Start"),
    Step.NEW: _("New"),
    Step.MOVED_IN: _("Moved in"),
    Step.INCREASED: _("Increased"),
    Step.MOVED_OUT: _("Moved out"),
    Step.DECREASED: _("Decreased"),
    Step.WON: _("Won"),
    Step.LOST: _("Lost"),
    Step.TRANSFERRED: _("Owner transfers"),
    Step.RECATEGORISED: _("Re-categorised"),
    Step.REOPENED: _("Reopened"),
    Step.DELETED: _("Deleted"),
    Step.CURRENCY: _("Exchange rates"),
    Step.END: _("End"),
}


@dataclass(frozen=True)
class Window:
    """Whose pipeline, for which target period, between which instants, as known when.

    What the ends' own last moment brought is in it: a day's end is its last instant.
    `present_tree` looks at both ends by today's teams.
    """

    scope: Scope
    closing: Period
    start: datetime
    end: datetime
    currency: str
    known_at: datetime | None = None
    present_tree: bool = False

    def day(self, instant: datetime) -> date:
        """The business day whose rate holds at an instant; at its end the day that is over."""
        return self.closing.calendar.business_day(instant - timedelta(microseconds=1))

    def reading(self, at: datetime) -> Reading:
        """How the facts are read at one of the instants."""
        return Reading(
            self.scope,
            self.closing,
            self.closing.calendar.reached_by(at),
            self.currency,
            as_of=self.known_at,
            known_at=self.known_at,
            standing=at,
            present_tree=self.present_tree,
        )


@dataclass(frozen=True)
class Bar:
    """A step: what it changes (None: a rate is missing), and by how many deals."""

    step: Step
    value: Decimal | None
    deals: int


@dataclass(frozen=True)
class Waterfall:
    """The bars from start to end; all are there, also those that are zero."""

    window: Window
    bars: tuple[Bar, ...]

    @property
    def residual(self) -> Decimal | None:
        """What the steps leave unexplained: zero, or None where a rate is missing."""
        left = Decimal(0)
        for bar in self.bars:
            if bar.value is None:
                return None
            left += -bar.value if bar.step is Step.END else bar.value
        return left


@dataclass(frozen=True)
class Moved:
    """What one deal did to a step; amounts are its own, in its currency then."""

    deal: int
    name: str | None
    customer: str | None
    owner: str | None
    amount_before: Decimal | None
    amount_after: Decimal | None
    currency: str
    contribution: Decimal | None


@dataclass(frozen=True)
class Moves:
    """All that deals did of one kind to one step, summed; NaN where a rate is missing.

    Without a step it moved no bar, without a kind it is part of a total.
    """

    step: str | None
    kind: str | None
    value: Decimal
    deals: int


def waterfall(window: Window) -> Waterfall:
    """All steps, from one statement."""
    return waterfall_of(window, moves_of(window))


def moves_of(window: Window) -> list[Moves]:
    """What happened, summed by step and kind."""
    sql, parameters = comparing(window)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} {_SUMS}", parameters)
        return [Moves(*row) for row in cursor.fetchall()]


def waterfall_of(window: Window, moves: Sequence[Moves]) -> Waterfall:
    """The bars of these moves."""
    bars = []
    for step in Step:
        theirs = [each for each in moves if each.step == step]
        value = sum((each.value for each in theirs), Decimal(0))
        bars.append(Bar(step, known(value), sum(each.deals for each in theirs)))
    return Waterfall(window, tuple(bars))


def deals_behind(
    window: Window, step: Step, *, limit: int | None = None, offset: int = 0
) -> list[Moved]:
    """The deals of one step, the largest first; their contributions add up to its bar."""
    sql, parameters = comparing(window)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} {_DEALS}", [*parameters, step.value, limit, offset])
        rows = cursor.fetchall()
    moved = [Moved(*row) for row in rows]
    return [replace(each, contribution=known(each.contribution)) for each in moved]


def missing_rates(window: Window) -> list[tuple[str, date]]:
    """The currencies without a price at an end of the window, with the day of that end."""
    sql, parameters = comparing(window)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} {_MISSING}", [*parameters, *map(window.day, _ends(window))])
        return list(cursor.fetchall())


def _ends(window: Window) -> tuple[datetime, datetime]:
    return window.start, window.end


def comparing(window: Window) -> tuple[str, list[Any]]:
    """The WITH clause that compares the two states of every deal that may matter, and its values.

    What happened is in `moves`: the deal, its states `b` and `a` before and after, and what each
    kind of change did to which step. Some do nothing to any: a deal put off within the period.
    """
    before, after = window.reading(window.start), window.reading(window.end)
    settled = after.stock(Deal).filter(
        closed_at__gt=window.start, closed_at__lte=window.end, outcome__in=_CLOSED
    )
    parts = {
        "were_open": _expected(before, window).values("row_id"),
        "are_open": _expected(after, window).values("row_id"),
        "settled": settled.values("row_id"),
        "before": _states(before, window),
        "after": _states(after, window),
    }
    compiled = {name: part.order_by().query.sql_with_params() for name, part in parts.items()}
    texts = {name: text for name, (text, _values) in compiled.items()}
    sql = _COMPARE.format(columns=_STATE, **texts)
    return sql, [value for _text, values in compiled.values() for value in values]


_CLOSED = (Outcome.WON, Outcome.LOST)


def _expected(reading: Reading, window: Window) -> QuerySet[Any]:
    """The versions of open deals that are expected to close in the target period."""
    due = window.closing.covers_days("expected_close")
    found: QuerySet[Any] = reading.stock(Deal).filter(due, outcome=Outcome.OPEN)
    return found


def _states(reading: Reading, window: Window) -> QuerySet[Any]:
    """Each deal's state: what it is worth then and at the end, and what counts it in."""
    closed_on = reading.business_day("closed_at")
    rows = reading.stock(Deal).annotate(
        on=_day(window.day(reading.at)),
        on_end=_day(window.day(window.end)),
        target=Case(
            When(outcome=Outcome.WON, then=closed_on),
            default=Coalesce("expected_close", closed_on),
        ),
    )
    left_out = Q(outcome=Outcome.OPEN) & omitted(reading.stock_states(Stage)) | ~Q(
        outcome=Outcome.OPEN
    ) & Q(category=Category.OMITTED)
    states: QuerySet[Any] = rows.values_list(
        "row_id",
        "outcome",
        "amount",
        Cast("currency", TextField()),
        "customer_id",
        "owner_id",
        _is(reading.credited(at=reading.standing)),
        _is(left_out),
        _is(window.closing.covers_days("target")),
        "target",
        _label(reading),
        Coalesce(reading.money(), Decimal(0)),
        Coalesce(reading.money(on="on_end"), Decimal(0)),
    )
    return states


def _label(reading: Reading) -> Case:
    """How a deal counts: by its own category, else its stage's; once it is closed, as that."""
    stages = reading.stock_states(Stage)
    by_stage = [
        When(stage__in=stages.filter(category=each).values(row_key(stages)), then=Constant(each))
        for each in Category.values
    ]
    closed = When(outcome__in=_CLOSED, then=Cast("outcome", TextField()))
    own = When(~Q(category=""), then=Cast("category", TextField()))
    return Case(closed, own, *by_stage, output_field=TextField())


def _day(day: date) -> Cast:
    return Cast(Constant(day), DateField())


def _is(condition: Q) -> Case | Constant:
    if not condition:
        return Constant(True)
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


_STATE = (
    "deal, outcome, amount, currency, customer, owner, is_theirs, is_omitted, is_due, due, label, "
    "worth"
)
# Of the deals that may matter, those expected in the target period at either end, and those that
# were closed in between, so that the indexes of open and of closed deals find them.
_COMPARE = """
WITH were_open AS MATERIALIZED ({were_open}), are_open AS MATERIALIZED ({are_open}),
settled AS MATERIALIZED ({settled}),
keys AS MATERIALIZED (
    SELECT * FROM were_open UNION SELECT * FROM are_open UNION SELECT * FROM settled
), before ({columns}, later) AS MATERIALIZED (
    SELECT state.* FROM ({before}) state (id) JOIN keys ON keys.row_id = state.id
), after ({columns}, later) AS MATERIALIZED (
    SELECT state.* FROM ({after}) state (id) JOIN keys ON keys.row_id = state.id
), both_ends AS (
    SELECT deal, before AS b, after AS a,
        COALESCE(before.outcome = 'open' AND before.is_theirs AND NOT before.is_omitted
            AND before.is_due, false) AS was,
        COALESCE(after.outcome = 'open' AND after.is_theirs AND NOT after.is_omitted
            AND after.is_due, false) AS is_in,
        COALESCE(after.outcome <> 'open' AND after.outcome IS DISTINCT FROM before.outcome
            AND after.is_theirs, false) AS settles,
        COALESCE(NOT after.is_omitted AND after.is_due, false) AS passes
    FROM before FULL JOIN after USING (deal)
), judged AS (
    SELECT *, COALESCE((b).later, 0) AS old, COALESCE((a).worth, 0) AS new,
        NOT was AND (is_in OR settles AND passes) AS comes,
        settles AND (was OR passes) AS closes,
        CASE WHEN (a).due > (b).due THEN 'slipped' WHEN (a).due < (b).due THEN 'pulled_in'
            ELSE 'redated' END AS redated
    FROM both_ends
), moves AS (
    SELECT deal, a, b, step, kind, value FROM judged CROSS JOIN LATERAL (VALUES
        ('start', NULL, was, (b).worth),
        ('currency', 'currency', was AND (b).later <> (b).worth, (b).later - (b).worth),
        (CASE WHEN (b).deal IS NULL THEN 'new' WHEN (b).outcome <> 'open' THEN 'reopened'
            WHEN NOT (b).is_theirs THEN 'transferred' WHEN (b).is_omitted THEN 'recategorised'
            ELSE 'moved_in' END,
            CASE WHEN (b).deal IS NULL THEN 'new' WHEN (b).outcome <> 'open' THEN 'reopened'
            WHEN NOT (b).is_theirs THEN 'transferred_in'
            WHEN (b).is_omitted THEN 'recategorised' ELSE redated END,
            comes, CASE WHEN (b).deal IS NULL THEN new ELSE old END),
        (CASE WHEN new > old THEN 'increased' ELSE 'decreased' END,
            CASE WHEN new > old THEN 'grown' ELSE 'shrunk' END,
            (b).deal IS NOT NULL AND (comes OR was) AND (is_in OR closes) AND new <> old,
            new - old),
        ((a).outcome, (a).outcome, closes, -new),
        (CASE WHEN (a).deal IS NULL THEN 'deleted' WHEN NOT (a).is_theirs THEN 'transferred'
            WHEN (a).is_omitted THEN 'recategorised' ELSE 'moved_out' END,
            CASE WHEN (a).deal IS NULL THEN 'deleted'
            WHEN NOT (a).is_theirs THEN 'transferred_out'
            WHEN (a).is_omitted THEN 'recategorised' ELSE redated END,
            was AND NOT is_in AND NOT closes, -old),
        (NULL, redated, was AND is_in AND (a).due <> (b).due, 0),
        (NULL, 'recategorised', was AND is_in AND (a).label <> (b).label, 0),
        ('end', NULL, is_in, new)
    ) AS moves (step, kind, happens, value) WHERE happens
)
"""
_SUMS = "SELECT step, kind, sum(value), count(DISTINCT deal) FROM moves GROUP BY step, kind"
_DEALS = """
SELECT moves.deal, deal.name, customer.name, owner.name, (b).amount, (a).amount,
    COALESCE((a).currency, (b).currency), value
FROM moves
LEFT JOIN pipeline_deal deal ON deal.id = moves.deal
LEFT JOIN pipeline_customer customer ON customer.id = COALESCE((a).customer, (b).customer)
LEFT JOIN accounts_user owner ON owner.id = COALESCE((a).owner, (b).owner)
WHERE step = %s ORDER BY abs(value) DESC, moves.deal, value LIMIT %s OFFSET %s
"""
_MISSING = """
SELECT DISTINCT currency, day FROM (
    SELECT (b).currency, %s::date AS day FROM judged WHERE was AND (b).worth = 'NaN'
    UNION SELECT (a).currency, %s::date FROM judged
        WHERE (is_in OR closes) AND (a).worth = 'NaN'
) missing ORDER BY 2, 1
"""
