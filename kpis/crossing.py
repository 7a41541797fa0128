"""A figure by a dimension and by time at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kpis.plan import Plan
from kpis.selects import Split, crossed_key, part_of_crossed
from periods import Period
from pipeline.measures import Measure
from pipeline.reading import Reading

Place = tuple[Reading, Split, str]


@dataclass(frozen=True)
class Crossing:
    """How the cells are read: at once where rows carry their date, else at each part's end.

    A part that has not begun by the present has no cells.
    """

    reading: Reading
    dimension: str
    periods: tuple[Period, ...]
    is_dated: bool

    @property
    def readings(self) -> list[tuple[Reading, Split]]:
        """Every reading that the cells come from."""
        if self.is_dated:
            return [(self.reading, Split(self.dimension, self.periods))]
        begun = [period for period in self.periods if not period.is_future(self.reading.at)]
        by = Split(self.dimension)
        return [(replace(self.reading, period=period), by) for period in begun]

    def keys(self, plan: Plan, measure: Measure) -> set[str]:
        """The parts of the dimension that are found at any time."""
        found = set[str]().union(*(plan.keys(measure, *each) for each in self.readings))
        return {part_of_crossed(key) for key in found} if self.is_dated else found

    def place(self, position: int, key: str) -> Place:
        """Where the plan holds one cell."""
        if self.is_dated:
            both = Split(self.dimension, self.periods)
            return self.reading, both, crossed_key(position + 1, key)
        return replace(self.reading, period=self.periods[position]), Split(self.dimension), key
