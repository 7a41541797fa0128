"""What changed in a forecast, put into words: deals, sayings, and the whole as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.data import Step as Drawn
from charts.data import Style
from charts.finding import waterfall_finding
from charts.numbers import Unit, write
from charts.waterfalls import waterfall as figure_of
from forecasting.change_files import category_name
from forecasting.changes import CallChange, Moved
from kpis.cards import Card, drawn
from pipeline.deal_changes import KIND_LABELS, Change, Kind, WhatChanged
from pipeline.waterfall import LABELS, Bar, Step, missing_rates

TOTALS = (Step.START, Step.END)
GOOD = (Kind.WON, Kind.PULLED_IN, Kind.GROWN, Kind.NEW, Kind.REOPENED)
BAD = (Kind.LOST, Kind.SLIPPED, Kind.SHRUNK, Kind.DELETED)
DATED = (Kind.SLIPPED, Kind.PULLED_IN, Kind.REDATED)
HANDED = (Kind.TRANSFERRED_IN, Kind.TRANSFERRED_OUT)


@dataclass(frozen=True)
class Row:
    """One change of one deal, written; `deal` is None where it is gone."""

    deal: int | None
    name: str
    label: Any
    tone: str
    who: str
    words: str
    pushes: str
    counts: str


@dataclass(frozen=True)
class Call:
    """One saying, written."""

    at: datetime
    author: str
    whose: str
    what: Any
    moved: list[tuple[Any, str, str]]
    why: str


@dataclass(frozen=True)
class Writer:
    """Puts changes into a person's words."""

    style: Style

    def money(self, value: Decimal | None, currency: str = "") -> str:
        """An amount in short."""
        currency = currency or self.style.currency
        return write(value, Unit.MONEY, language=self.style.language, currency=currency)

    def signed(self, value: Decimal | None) -> str:
        """What something did to the pipeline."""
        style = self.style
        return write(
            value, Unit.MONEY, language=style.language, currency=style.currency, signed=True
        )

    def row(self, change: Change) -> Row:
        """One line of the list."""
        tone = "good" if change.kind in GOOD else "bad" if change.kind in BAD else "accent"
        who = " · ".join(each for each in (change.customer, change.owner) if each)
        pushed = ""
        if change.pushes:
            pushed = ngettext("put off once", "put off %(count)s times", change.pushes)
            pushed = pushed % {"count": change.pushes}
        return Row(
            deal=change.deal if change.name else None,
            name=change.name or _("Deleted deal %(id)s") % {"id": change.deal},
            label=KIND_LABELS[change.kind],
            tone=tone,
            who=who,
            words=self._words(change),
            pushes=pushed,
            counts=self.signed(change.contribution),
        )

    def _words(self, change: Change) -> str:
        """From what to what."""
        if change.kind in DATED:
            return _arrow(self._day(change.due_before), self._day(change.due_after))
        if change.kind is Kind.RECATEGORISED:
            names = (change.category_before, change.category_after)
            return _arrow(*map(category_name, names))
        if change.kind in HANDED:
            return _arrow(change.owner_before or "–", change.owner or "–")
        before = self.money(change.amount_before, change.currency)
        after = self.money(change.amount_after, change.currency)
        if change.kind in (Kind.GROWN, Kind.SHRUNK):
            return _arrow(before, after)
        if change.kind in (Kind.DELETED, Kind.CURRENCY):
            return before
        return f"{after} · {self._day(change.due_after)}"

    def _day(self, day: date | None) -> str:
        if day is None:
            return _("no date")
        return str(format_date(day, "medium", locale=self.style.language))

    def call(self, call: CallChange) -> Call:
        """One saying with the figures that it moved; of an unchanged one, those that it kept."""
        moved = [each for each in call.moved if each.before != each.after] or call.moved
        return Call(
            at=call.at,
            author=str(call.author),
            whose=call.whose,
            what=call.what,
            moved=[self._moved(each) for each in moved],
            why=call.why,
        )

    def _moved(self, moved: Moved) -> tuple[Any, str, str]:
        words = _arrow(self.money(moved.before), self.money(moved.after))
        return moved.column.label, words, self.signed(moved.after - moved.before)

    def card(self, found: WhatChanged) -> Card:
        """The waterfall as a picture with its table."""
        happened = [bar for bar in found.waterfall.bars if bar.deals or bar.step in TOTALS]
        steps = [self._step(bar) for bar in happened]
        said = None
        if found.waterfall.residual is not None:
            said = waterfall_finding(_("The pipeline"), steps, Unit.MONEY, self.style)
        return Card(
            id="forecast-changes",
            title=said or _("What changed the pipeline?"),
            note=_("Open deals expected to close in the period, omitted ones left out"),
            figure=drawn(figure_of(steps, Unit.MONEY, self.style)),
            header=[_("Step"), _("Amount"), _("Deals")],
            rows=[
                [str(LABELS[bar.step]), self.money(bar.value), str(bar.deals)] for bar in happened
            ],
            empty=self._why_nothing(found),
        )

    def _step(self, bar: Bar) -> Drawn:
        name = str(LABELS[bar.step])
        deals = ngettext("%(count)s deal", "%(count)s deals", bar.deals) % {"count": bar.deals}
        return Drawn(
            label=name,
            value=bar.value or Decimal(0),
            total=bar.step in TOTALS,
            hover=f"{name}: {self.money(bar.value)}, {deals}",
        )

    def _why_nothing(self, found: WhatChanged) -> str:
        if found.waterfall.residual is None:
            currency, day = missing_rates(found.waterfall.window)[0]
            return _("There is no exchange rate for %(currency)s on %(day)s.") % {
                "currency": currency,
                "day": day.isoformat(),
            }
        if any(bar.deals for bar in found.waterfall.bars):
            return ""
        return _("No deal was expected to close in this period.")

    def week(self, found: WhatChanged) -> str:
        """What the last days did, in a sentence."""
        if not found.tallies:
            return _("Nothing changed since last week.")
        bars = {bar.step: bar.value for bar in found.waterfall.bars}
        start, end = bars[Step.START], bars[Step.END]
        grown = None if start is None or end is None else end - start
        words = _("Since last week: open pipeline %(grown)s") % {"grown": self.signed(grown)}
        return " · ".join([words, *self._largest(found)])

    def _largest(self, found: WhatChanged) -> Iterator[str]:
        wanted = (Kind.WON, Kind.LOST, Kind.SLIPPED, Kind.NEW)
        for each in found.tallies:
            if each.kind in wanted:
                size = None if each.value is None else abs(each.value)
                deals = ngettext("%(count)s deal", "%(count)s deals", each.changes)
                counted = deals % {"count": each.changes}
                yield f"{KIND_LABELS[each.kind]} {counted if size == 0 else self.money(size)}"


def _arrow(before: str, after: str) -> str:
    return f"{before} → {after}"
