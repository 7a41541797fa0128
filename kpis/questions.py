"""What can be asked of a KPI, and the answer's shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.scope import Scope
from charts.numbers import Unit
from kpis.declarations import Basis, Kpi, Parts, Result, State
from kpis.rates import MissingRate
from kpis.registry import all_kpis
from periods import Grain, Period

GRAINS = ("day", "week", "month", "quarter")
DIMENSIONS = (
    "team",
    "rep",
    "industry",
    "size",
    "region",
    "source",
    "product",
    "stage",
    "kind",
)
BY_ID = frozenset({"team", "rep", "source", "product", "stage"})
COMPARISONS = ("previous", "year")
# Credits the past by the teams as they stand today.
PRESENT = "present"
LONGEST_SPLIT = 400
# Of each part of a dimension.
LONGEST_CROSSING = 60


class BadQuestion(ValueError):
    """The question cannot be answered; says which part of it is wrong, and what fits."""

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(message)
        self.field = field_name


@dataclass(frozen=True)
class Question:
    """A KPI for a scope and period; `by` splits it, `of` names the KPI that a target is for.

    `grain` parts each part of a split by a dimension in time as well.
    """

    kpi: str
    scope: Scope
    period: Period
    basis: str = ""
    by: str = ""
    grain: str = ""
    compare: str = ""
    of: str = "won_revenue"
    closing: Period | None = None
    filters: tuple[tuple[str, str], ...] = ()
    as_of: datetime | None = None
    known_at: datetime | None = None
    structure: str = ""
    against_close: bool = False

    def checked(self) -> Question:
        """The same question, sure to have an answer. BadQuestion otherwise."""
        declared = self.declared
        if self.basis not in {"", *(basis.key for basis in declared.bases)}:
            raise BadQuestion("basis", _one_of([basis.key for basis in declared.bases]))
        if self.compare not in ("", *COMPARISONS):
            raise BadQuestion("compare", _one_of(COMPARISONS))
        if self.own_basis.expected and not self.declared_basis.adds_up_over_time:
            raise BadQuestion("of", _("Only what adds up over time has a pace."))
        if self.structure not in ("", PRESENT):
            raise BadQuestion("structure", _one_of([PRESENT]))
        dimensions = self.declared_basis.dimensions
        self._check_split(dimensions)
        for name, value in self.filters:
            check_filter(name, value, dimensions)
        return self

    def _check_split(self, dimensions: frozenset[str]) -> None:
        if self.by and self.by not in GRAINS and self.by not in dimensions:
            raise BadQuestion("by", _one_of([*GRAINS, *sorted(dimensions)]))
        if self.grain and self.grain not in GRAINS:
            raise BadQuestion("grain", _one_of(GRAINS))
        if self.grain and (not self.by or self.by in GRAINS):
            raise BadQuestion("grain", _("Parts of time go with a split by a dimension."))
        if len(self.periods) > (LONGEST_CROSSING if self.grain else LONGEST_SPLIT):
            at = "grain" if self.grain else "by"
            raise BadQuestion(at, _("Choose a shorter period or longer parts."))

    @property
    def periods(self) -> tuple[Period, ...]:
        """The parts of time that it is split into."""
        grain = self.by if self.by in GRAINS else self.grain
        return self.period.split(Grain(grain)) if grain else ()

    @property
    def declared(self) -> Kpi:
        """Its declaration. BadQuestion for an unknown key."""
        try:
            return all_kpis()[self.kpi]
        except KeyError:
            raise BadQuestion("kpi", _("There is no such KPI.")) from None

    @property
    def measured(self) -> Kpi:
        """The KPI whose parts are read: itself, or the one that `of` names."""
        if not self.declared.of_other:
            return self.declared
        other = all_kpis().get(self.of)
        if other is None or other.of_other:
            raise BadQuestion("of", _("There is no such KPI with a target."))
        return other

    @property
    def facts(self) -> frozenset[str]:
        """The facts whose changes may move the answer, by model name."""
        named = [name for name in (self.by, *(name for name, _value in self.filters)) if name]
        parts = {part.of for part in self.declared_basis.measures.values()}
        beside = (part.facts_of(name) for part in parts for name in named)
        return self.measured.facts.union(*beside)

    @property
    def own_basis(self) -> Basis:
        """The basis of the KPI itself, whatever it is about."""
        return self.declared.basis(self.basis)

    @property
    def declared_basis(self) -> Basis:
        """The basis whose parts are read."""
        return self.measured.basis("" if self.declared.of_other else self.basis)


def check_filter(name: str, value: str, dimensions: frozenset[str]) -> None:
    if name not in dimensions:
        raise BadQuestion(name, _("This KPI cannot be filtered by that."))
    if name in BY_ID and not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise BadQuestion(name, _("Use an id, as the rows of a split figure carry it."))
    if "\x00" in value:
        raise BadQuestion(name, _("This text holds a character that nothing is called by."))


def _one_of(choices: list[str] | tuple[str, ...]) -> str:
    return _("Use one of: %(choices)s.") % {"choices": ", ".join(choices)}


@dataclass(frozen=True)
class Comparison:
    """Like for like with an earlier period: the change is a fraction, or points of a rate."""

    kind: str
    period: Period
    value: Decimal | None
    change: Decimal | None
    change_unit: Unit
    like_for_like: bool


@dataclass(frozen=True)
class Row:
    """One part of a split figure; `position` orders stages, `period` names parts of time.

    Parts of a dimension are compared as the whole is, where it is; `cells` are theirs of time.
    A person who joined within the period `is_ramping`.
    """

    key: str
    label: str
    result: Result
    position: int = 0
    period: Period | None = None
    comparison: Comparison | None = None
    cells: tuple[Row, ...] = ()
    is_ramping: bool = False


@dataclass(frozen=True)
class Restated:
    """What a figure was, by what was known when its period closed: it is another one now.

    `closed_at` is when somebody closed the period (`by_hand`), or else when it was over.
    `target` is what the figure was held against then, if it is made of its target.
    """

    then: Result
    closed_at: datetime
    by_hand: bool = False
    target: Decimal | None = None


@dataclass(frozen=True)
class Answer:
    """A figure with everything that explains it.

    `over_time` are the parts of time of one that is split by a dimension as well. `parts` are its
    measures' values by name; `missing_rate` says what it lacks if its state is
    NO_RATE; `expected` is
    what share of its target the period should have reached, for a pace.
    """

    question: Question
    kpi: Kpi
    basis: Basis
    at: datetime
    result: Result
    target: Decimal | None
    target_is_sum: bool
    comparison: Comparison | None
    rows: tuple[Row, ...] = ()
    over_time: tuple[Row, ...] = ()
    parts: Parts = field(default_factory=dict)
    missing_rate: MissingRate | None = None
    expected: Decimal | None = None
    restated: Restated | None = None

    @property
    def value(self) -> Decimal | None:
        return self.result.value

    @property
    def formula(self) -> str:
        """In words, as it holds for the figure that was asked about."""
        up = not self.kpi.of_other or self.question.measured.up_is_good
        return self.basis.formula if up else str(self.basis.formula_if_down)

    @property
    def state(self) -> State:
        return self.result.state
