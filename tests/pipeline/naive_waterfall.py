"""The pipeline's waterfall a second time: each deal's two end states, looked at by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.cast import SEOUL

Row = dict[str, Any]


@dataclass
class Ends:
    """The states of all deals at two instants by deal, and how they are judged."""

    before: dict[int, Row]
    after: dict[int, Row]
    start: date
    end: date
    is_theirs: Callable[[Row], bool]
    omitted_stages: set[int]
    price: Callable[[datetime], Decimal]
    from_instant: datetime
    to_instant: datetime

    def bars(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for deal in self.before.keys() | self.after.keys():
            for step, value in self.steps(self.before.get(deal), self.after.get(deal)):
                found[step] = found.get(step, Decimal(0)) + value
        return {step: value for step, value in found.items() if value}

    def steps(self, before: Row | None, after: Row | None) -> Iterator[tuple[str, Decimal]]:
        was = before is not None and before["outcome"] == "open" and self.counts(before)
        stays = after is not None and after["outcome"] == "open" and self.counts(after)
        old = self.worth(before, self.to_instant)
        new = self.worth(after, self.to_instant)
        if was:
            at_first = self.worth(before, self.from_instant)
            yield "start", at_first
            yield "currency", old - at_first
        if stays:
            yield "end", new
        settled = self.settled(before, after)
        if settled and not was and not (after and self.counts(after)):
            return
        if not was and not stays and not settled:
            return
        if not was:
            yield from self.entrance(before, old, new)
        if stays or settled:
            if before is not None:
                yield ("increased" if new > old else "decreased"), new - old
            if settled and after:
                yield after["outcome"], -new
        else:
            yield self.exit(after), -old

    def settled(self, before: Row | None, after: Row | None) -> bool:
        if after is None or after["outcome"] == "open" or not self.is_theirs(after):
            return False
        return before is None or before["outcome"] != after["outcome"]

    def entrance(
        self, before: Row | None, old: Decimal, new: Decimal
    ) -> Iterator[tuple[str, Decimal]]:
        if before is None:
            yield "new", new
        elif before["outcome"] != "open":
            yield "reopened", old
        elif not self.is_theirs(before):
            yield "transferred", old
        else:
            yield ("recategorised" if self.is_omitted(before) else "moved_in"), old

    def exit(self, after: Row | None) -> str:
        if after is None:
            return "deleted"
        if not self.is_theirs(after):
            return "transferred"
        return "recategorised" if self.is_omitted(after) else "moved_out"

    def counts(self, state: Row) -> bool:
        target = state["expected_close"]
        closed = state["closed_at"] and state["closed_at"].astimezone(SEOUL).date()
        if state["outcome"] == "won" or target is None:
            target = closed
        is_due = target is not None and self.start <= target < self.end
        return is_due and self.is_theirs(state) and not self.is_omitted(state)

    def is_omitted(self, state: Row) -> bool:
        if state["category"]:
            return bool(state["category"] == "omitted")
        return state["outcome"] == "open" and state["stage_id"] in self.omitted_stages

    def worth(self, state: Row | None, instant: datetime) -> Decimal:
        if state is None or state["amount"] is None:
            return Decimal(0)
        is_own = state["currency"] == "KRW"
        return Decimal(state["amount"] * (1 if is_own else self.price(instant)))
