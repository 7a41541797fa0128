"""The fan of a scope's period as a card: what is booked, where it may end, what people call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.models import User
from accounts.scope import reach
from charts.data import Style
from charts.fan import Booked, Landing, Mark, fan
from charts.numbers import Unit, write
from forecasting.accuracy.called import call_of
from forecasting.model.learning import FEWEST_LOST, FEWEST_PERIODS, FEWEST_WON
from forecasting.model.told import Told
from forecasting.models import ModelFigure
from kpis.cards import Card, drawn
from kpis.evaluate import answer
from kpis.questions import Question
from periods import Grain, Period
from periods.labels import short_label

KPI = "won_revenue"
# From this chance of reaching the target on.
_CHANCES: tuple[tuple[Decimal, Any], ...] = (
    (Decimal("0.9"), pgettext_lazy("chance", "very likely")),
    (Decimal("0.65"), pgettext_lazy("chance", "likely")),
    (Decimal("0.35"), pgettext_lazy("chance", "open")),
    (Decimal("0.1"), pgettext_lazy("chance", "unlikely")),
    (Decimal(0), pgettext_lazy("chance", "very unlikely")),
)


@dataclass(frozen=True)
class View:
    """Who looks at what, and how it is written."""

    viewer: User
    told: Told
    at: datetime
    style: Style

    def money(self, value: Decimal | None) -> str:
        """In short, as figures write it."""
        return _money(value, self.style)


def _money(value: Decimal | None, style: Style, *, short: bool = True) -> str:
    return write(value, Unit.MONEY, language=style.language, currency=style.currency, short=short)


def share(value: Decimal | None, style: Style) -> str:
    """A fraction as a whole percentage."""
    return write(value, Unit.PERCENT, language=style.language, currency="", places=0)


def landing_card(view: View) -> Card:
    """The fan, titled by its finding; or why there is none."""
    figure = view.told.figure
    if figure is None:
        return Card("landing", _("Where will we land?"), empty=why_nothing(view.told, view.at))
    booked = _booked(view)
    marks = _marks(view)
    landing = Landing(figure.p10, figure.p50, figure.p90, figure.target, marks)
    return Card(
        id="landing",
        title=finding(view),
        note=_note(view),
        figure=drawn(fan(booked, landing, Unit.MONEY, view.style)),
        header=[_("Figure"), _("Amount")],
        rows=_rows(figure, marks, view.style),
    )


def finding(view: View) -> str:
    """The chance in words, else the most likely end."""
    figure = view.told.figure
    if figure is None:
        return _("Where will we land?")
    if figure.chance is None or figure.target is None:
        return _("Half of all outcomes lie above %(amount)s") % {"amount": view.money(figure.p50)}
    return _("Reaching the target is %(likely)s: a chance of %(chance)s") % {
        "likely": in_words(figure.chance),
        "chance": share(figure.chance, view.style),
    }


def in_words(chance: Decimal) -> str:
    """A chance from 0 to 1 as people say it."""
    return next(str(word) for least, word in _CHANCES if chance >= least)


def why_nothing(found: Told, at: datetime) -> str:
    """Why there is no forecast, and what would bring one."""
    run = found.run
    if found.period.grain not in (Grain.QUARTER, Grain.MONTH):
        return _("The model forecasts quarters and months. Choose one above.")
    if run is None and found.period.is_over(at):
        return _(
            "This period is over, and no forecast of it was kept. How near forecasts came to past "
            "quarters is told under Forecast, Accuracy."
        )
    if run is None:
        return _(
            "Nothing was learned for this period. The model forecasts the running and the next "
            "quarter and month, every night."
        )
    if not run.is_enough:
        return _(
            "Not enough history to learn from: it takes %(periods)s earlier periods, %(won)s deals "
            "won and %(lost)s lost; there are %(has_periods)s, %(has_won)s and %(has_lost)s."
        ) % {
            "periods": FEWEST_PERIODS,
            "won": FEWEST_WON,
            "lost": FEWEST_LOST,
            "has_periods": run.periods,
            "has_won": run.won,
            "has_lost": run.lost,
        }
    return _("Nobody here has open deals or has won any lately.")


def _note(view: View) -> str:
    run = view.told.run
    if run is None:
        return ""
    learned_on = Period.containing(run.day, Grain.DAY, view.told.period.calendar)
    day = short_label(learned_on, view.style.language)
    said = ngettext(
        "Learned on %(day)s from %(periods)s earlier period; nine of ten outcomes lie below P90.",
        "Learned on %(day)s from %(periods)s earlier periods; nine of ten outcomes lie below P90.",
        run.periods,
    ) % {"day": day, "periods": run.periods}
    missing = ngettext(
        "%(count)s open deal without an exchange rate counts nothing.",
        "%(count)s open deals without an exchange rate count nothing.",
        run.unpriced,
    ) % {"count": run.unpriced}
    return f"{said} {missing}" if run.unpriced else said


def _booked(view: View) -> list[Booked]:
    """What was won by the end of each week (of a month, each day) so far."""
    period = view.told.period
    by = "week" if period.grain is Grain.QUARTER else "day"
    question = Question(KPI, view.told.scope, period, by=by)
    (found,) = answer([question], viewer=view.viewer, at=view.at)
    won = [row.result.value or Decimal(0) for row in found.rows]
    begun = [row.period is not None and not row.period.is_future(view.at) for row in found.rows]
    return [
        Booked(row.label, total if has_begun else None)
        for row, total, has_begun in zip(found.rows, accumulate(won), begun, strict=True)
    ]


def _marks(view: View) -> list[Mark]:
    """The reps' and the lead's commits, where anything was said."""
    scope, period = view.told.scope, view.told.period
    call = call_of(scope, period, view.at, reach(view.viewer).tree)
    if call is None:
        return []
    marks = [Mark(_("Reps' commit"), call.commit)]
    if call.adjusted != call.commit:
        marks.append(Mark(_("Lead's call"), call.adjusted))
    return marks


def _rows(figure: ModelFigure, marks: list[Mark], style: Style) -> list[list[str]]:
    figures = [
        (_("Booked"), figure.booked),
        ("P10", figure.p10),
        ("P50", figure.p50),
        ("P90", figure.p90),
        (_("Target"), figure.target),
        *((mark.label, mark.value) for mark in marks),
    ]
    return [[name, _money(value, style, short=False)] for name, value in figures]
