"""One statement for many measures: readings of populations, joined by UNION ALL.

Each part is a simple aggregate that finds its own index; measures over the same rows share
one part. However many figures a page shows, the database is asked once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from typing import Any

from accounts.scope import Tree
from kpis.declarations import Parts
from kpis.selects import NO_SPLIT, WHOLE, Cells, Part, Select, Split, together
from kpis.statements import read_all
from kpis.storage.reading import complete_spans, span_of
from kpis.storage.recall import Recall, recall
from kpis.storage.remembering import Told as Remembered
from kpis.storage.remembering import remember
from kpis.storage.units import StoredSpan
from pipeline.measures import Measure, Teller, Told
from pipeline.populations import Population
from pipeline.reading import Reading


@dataclass
class Plan:
    """Collects what is to be read, reads it in one statement, and hands the values out."""

    tree: Tree
    _parts: dict[Part, list[Measure]] = field(default_factory=dict)
    _splits: dict[tuple[Population, Reading], list[Part]] = field(default_factory=dict)
    _cells: dict[Part, Cells] = field(default_factory=dict)

    def want(self, measure: Measure, reading: Reading, split: Split = NO_SPLIT) -> None:
        """Add a measure to what is read."""
        part = Part(measure.of, reading, split)
        if part not in self._parts and _is_complete(part):
            self._splits.setdefault((part.population, reading), []).append(part)
        wanted = self._parts.setdefault(part, [])
        if measure not in wanted:
            wanted.append(measure)

    def read(self) -> None:
        """Ask the database, once; of the facts again where stored values were incomplete."""
        self._tell()
        recalled = recall(self._parts)
        for (part, measure), cells in recalled.found.items():
            self._hand_out(part, {key: {measure: value} for key, value in cells.items()})
        selects = [
            select
            for part in self._parts
            for select in Select.of(part, self._unknown(part, recalled), self.tree)
        ]
        told, complete = _ask(list(together(selects)))
        again = [one for one in told if one.stored and not one.stored.spans <= complete]
        for select in again:
            del told[select]
        told |= _ask(list(together([replace(select, stored=None) for select in again])))[0]
        found = [one for each in told.values() for one in each]
        for one in found:
            self._hand_out(one.part, one.cells)
        remember(found, drains=recalled.drains)
        self._add_up(recalled)

    def _tell(self) -> None:
        """What people say is worked out by who knows how, all of it at once."""
        asked: dict[Teller, list[tuple[Part, Told]]] = {}
        for part, measures in self._parts.items():
            for measure in measures:
                if measure.teller:
                    told = Told(measure, part.reading, part.split.dimension)
                    asked.setdefault(measure.teller, []).append((part, told))
        for teller, pairs in asked.items():
            answers = teller([told for _part, told in pairs], self.tree)
            for (part, told), values in zip(pairs, answers, strict=True):
                cells = {key: {told.measure: value} for key, value in values.items()}
                self._hand_out(part, cells)

    def _unknown(self, part: Part, recalled: Recall) -> list[Measure]:
        return [
            measure
            for measure in self._parts[part]
            if (part, measure) not in recalled.found
            and not measure.teller
            and not self._parted(part, measure)
        ]

    def _add_up(self, recalled: Recall) -> None:
        """What adds up is not read again where its parts are."""
        for part, measures in self._parts.items():
            for measure in measures:
                parted = self._parted(part, measure)
                if parted and (part, measure) not in recalled.found:
                    values = [cell.get(measure) for cell in self._cells.get(parted, {}).values()]
                    self._hand_out(part, {WHOLE: {measure: _sum(values)}})

    def _parted(self, part: Part, measure: Measure) -> Part | None:
        """The same rows as they are read by their parts, if the measure's values add up."""
        if part.split != NO_SPLIT or not measure.is_additive:
            return None
        alike = self._splits.get((part.population, part.reading), [])
        return next((each for each in alike if measure in self._parts[each]), None)

    def _hand_out(self, part: Part, cells: Mapping[str, Mapping[Measure, Any]]) -> None:
        for key, values in cells.items():
            self._cells.setdefault(part, {}).setdefault(key, {}).update(values)

    def value(
        self, measure: Measure, reading: Reading, split: Split = NO_SPLIT, key: str = WHOLE
    ) -> Decimal | None:
        """What was read; the measure's own answer over no rows where there were none."""
        cells = self._cells.get(Part(measure.of, reading, split), {})
        value = cells.get(key, {}).get(measure)
        return measure.empty if value is None else value

    def cells(self, measure: Measure, reading: Reading, split: Split) -> Cells:
        """All that was read with a measure, by the parts into which the rows fell."""
        return self._cells.get(Part(measure.of, reading, split), {})

    def keys(self, measure: Measure, reading: Reading, split: Split) -> set[str]:
        """The parts into which the rows fell."""
        return set(self.cells(measure, reading, split))


def _ask(selects: Sequence[Select]) -> tuple[dict[Select, list[Remembered]], set[StoredSpan]]:
    """What was found, and the spans of which stored values are complete."""
    needed = [select.stored for select in selects if select.stored]
    found, proved = read_all(selects, complete_spans(needed) if needed else None)
    told = {
        select: [
            Remembered(part, [m for m in select.measures if m.of is part.population], cells, rests)
            for part, cells in select.told(one.rows)
        ]
        for select, one in zip(selects, found, strict=True)
        for rests in [select.rests(one.rests)]
    }
    return told, set(map(span_of, proved))


def _is_complete(part: Part) -> bool:
    """Whether every row falls into exactly one part of a split."""
    periods, whole = part.split.periods, part.reading.period
    if not periods:
        return bool(part.split.dimension)
    ends = [whole.start, *(period.end for period in periods)]
    return ends == [*(period.start for period in periods), whole.end]


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """As SQL adds up, to the last digit: None of nothing, NaN of what is not known."""
    known = [value for value in values if value is not None]
    with localcontext(prec=100):
        return sum(known, Decimal(0)) if known else None


def parts_of(
    measures: dict[str, Measure],
    plan: Plan,
    reading: Reading,
    split: Split = NO_SPLIT,
    key: str = WHOLE,
) -> Parts:
    """The values of a KPI's parts by name."""
    return {name: plan.value(measure, reading, split, key) for name, measure in measures.items()}


class ByKey:
    """The same for the parts of a split, of which there may be thousands."""

    def __init__(
        self, measures: dict[str, Measure], plan: Plan, reading: Reading, split: Split
    ) -> None:
        self._read = [
            (name, measure, plan.cells(measure, reading, split))
            for name, measure in measures.items()
        ]

    def of(self, key: str) -> Parts:
        """The values of a KPI's parts by name."""
        found = {name: cells.get(key, {}).get(measure) for name, measure, cells in self._read}
        return {
            name: measure.empty if found[name] is None else found[name]
            for name, measure, _cells in self._read
        }
