"""What a KPI is: its parts, how they combine, and how it explains itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from accounts.roles import Permission
from charts.numbers import Unit
from pipeline.measures import Measure

Parts = Mapping[str, Decimal | None]


class Journey(StrEnum):
    """Where on the customer's way a KPI looks."""

    AWARENESS = "awareness"
    CONSIDERATION = "consideration"
    DECISION = "decision"
    RETENTION = "retention"
    ECONOMICS = "economics"


class Kind(StrEnum):
    """How a figure behaves over periods; see the ground rules of the KPI reference."""

    FLOW = "flow"
    STOCK = "stock"
    COHORT = "cohort"


class State(StrEnum):
    """Why a figure has a value, or has none."""

    OK = "ok"
    EMPTY = "empty"
    """Nothing was measured."""
    MET = "met"
    """The target is reached already, so nothing remains to be covered."""
    NO_TARGET = "no_target"
    NO_RATE = "no_rate"
    """An exchange rate is missing, so that the total is not known."""


class Expectation(StrEnum):
    """How far a running period is expected to have come."""

    LINEAR = "linear"
    """By its share of working days."""
    CURVE = "curve"
    """As far as earlier periods had come by then."""


@dataclass(frozen=True)
class Result:
    """A figure with the parts that it was made of."""

    value: Decimal | None
    state: State = State.OK
    numerator: Decimal | None = None
    denominator: Decimal | None = None


Combine = Callable[[Parts], Result]


def single(parts: Parts) -> Result:
    """A simple KPI: the measure itself."""
    value = parts["numerator"]
    return Result(value, State.EMPTY if value is None else State.OK, numerator=value)


def ratio(parts: Parts) -> Result:
    """A ratio of sums; 0/0 and x/0 are nothing measured."""
    top, bottom = parts["numerator"], parts["denominator"]
    value = None if top is None or not bottom else top / bottom
    return Result(value, State.EMPTY if value is None else State.OK, top, bottom)


@dataclass(frozen=True)
class Basis:
    """One honest definition of a KPI: its measures and how they combine.

    `extra` are further measures that `combine` needs; those `beside` the figure are shown with
    it. `worked` is the formula with places for its parts' values, where it is not one division.
    What a target is `expected` to have reached is taken off an attainment; `formula_if_down` is
    that of one where the figure should be low.
    """

    key: str
    label: Any
    numerator: Measure
    denominator: Measure | None = None
    extra: Mapping[str, Measure] = field(default_factory=dict)
    combine: Combine | None = None
    formula_text: Any = ""
    formula_if_down: Any = ""
    beside: Mapping[str, Measure] = field(default_factory=dict)
    worked: str = ""
    expected: Expectation | None = None

    @property
    def needed(self) -> dict[str, Measure]:
        """Every measure that the figure is made of, by the name of its part."""
        bottom = {"denominator": self.denominator} if self.denominator else {}
        return {"numerator": self.numerator, **bottom, **self.extra}

    @property
    def measures(self) -> dict[str, Measure]:
        """The same with those beside it."""
        return {**self.needed, **self.beside}

    @property
    def formula(self) -> str:
        """In words; derived from the measures, so that it cannot drift from them."""
        if self.formula_text:
            return str(self.formula_text)
        if self.denominator is None:
            return str(self.numerator.label)
        return f"{self.numerator.label} ÷ {self.denominator.label}"

    def compute(self, parts: Parts) -> Result:
        """The figure from the values of its parts."""
        combine = self.combine or (ratio if self.denominator else single)
        return combine(parts)

    @property
    def dimensions(self) -> frozenset[str]:
        """What the figure can be split and filtered by: what all its measures know."""
        known = [frozenset(measure.of.dimensions) for measure in self.measures.values()]
        return frozenset.intersection(*known)

    @property
    def is_additive(self) -> bool:
        """Whether figures of parts add up to that of the whole."""
        return self.denominator is None and self.combine is None and self.numerator.is_additive

    @property
    def adds_up_over_time(self) -> bool:
        """Whether figures of its parts add up to that of a period; those of a stock do not."""
        return self.is_additive and bool(self.numerator.of.dated_by)

    @property
    def is_followed(self) -> bool:
        """Whether what became of the rows after the period counts."""
        return any(measure.of.is_followed for measure in self.needed.values())


@dataclass(frozen=True)
class Kpi:
    """One figure of the catalog; the first basis is the default.

    `target_of` names the KPI whose target is one of the parts ("": none is), and `of_other`
    says that the figure is about another KPI, which a question names.
    """

    key: str
    label: Any
    unit: Unit
    up_is_good: bool
    journey: Journey
    kind: Kind
    help: Any
    bases: tuple[Basis, ...]
    needs: Permission | None = None
    target_of: str = ""
    of_other: bool = False

    def basis(self, key: str = "") -> Basis:
        """The named basis, or the default. KeyError if there is no such basis."""
        if not key:
            return self.bases[0]
        return {basis.key: basis for basis in self.bases}[key]

    @property
    def facts(self) -> frozenset[str]:
        """The facts whose changes may move the figure, by model name."""
        measures = [measure for basis in self.bases for measure in basis.measures.values()]
        names = frozenset[str]().union(*(measure.of.facts for measure in measures))
        return names | ({"target"} if self.target_of or self.of_other else frozenset())
