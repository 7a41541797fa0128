"""The pictures of the revenue forecast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from charts.data import Step as Bar
from charts.data import Style
from charts.numbers import Unit, write
from charts.stacked import Stack, stacked_bars
from charts.waterfalls import waterfall
from forecasting.revenue.asked_by import BY_TIME, Look
from forecasting.revenue.lines import LABELS
from forecasting.revenue.reconciliation import BOOKINGS, Reconciliation
from forecasting.revenue.tables import TableRow, whole
from kpis.cards import Card, drawn

MOST_BARS = 36
MOST_PARTS = 10


def revenue_card(
    rows: Sequence[TableRow], look: Look, style: Style, leads_to: Callable[[TableRow], str]
) -> Card:
    """Every row a bar, stacked by how certain its parts are; of many parts the largest."""
    drawn_rows = rows[: MOST_BARS if look.by in BY_TIME else MOST_PARTS]
    if not any(row.lines.total for row in drawn_rows):
        return Card(
            "revenue",
            _("What will be recognised, and how certain is it?"),
            empty=_("No contracts and no deals here yet: import them, or enter the first one."),
        )
    stacks = [
        Stack(row.short or row.label, [row.figure(name) for name in LABELS], leads_to(row))
        for row in drawn_rows
    ]
    names = [str(LABELS[name]) for name in LABELS]
    return Card(
        "revenue",
        _finding(rows, look, style),
        figure=drawn(stacked_bars(stacks, names, Unit.MONEY, style)),
        note=_("What is recognised and scheduled is agreed; renewals and deals are expected."),
    )


def _finding(rows: Sequence[TableRow], look: Look, style: Style) -> str:
    """How much of what is to come is agreed already, where that is known."""
    coming = [row for row in rows if row.period is None or row.period.end > look.over_time.today]
    found = whole(coming)
    to_come = found.total - found.recognised
    if to_come.is_nan() or to_come <= 0:
        return _("What will be recognised, and how certain is it?")
    share = found.scheduled / to_come
    written = write(share, Unit.PERCENT, language=style.language, currency="", places=0)
    return _("%(share)s of the revenue to come is under contract already") % {"share": written}


def steps_card(found: Reconciliation, style: Style) -> Card:
    """From bookings to revenue, a step a line."""
    amounts = {step.key: step.amount for step in found.steps}
    title = _("How do bookings become revenue?")
    unknown = [value for value in (*amounts.values(), found.revenue) if _is_unknown(value)]
    if unknown:
        return Card(
            "steps",
            title,
            empty=_("A renewal rate or an exchange rate is not known: see the table."),
        )
    bars = [Bar(_("Bookings"), found.bookings or Decimal(0), total=True)]
    short = _short_names()
    bars += [
        Bar(short[key], value or Decimal(0))
        for key, value in amounts.items()
        if key not in BOOKINGS and value
    ]
    bars.append(Bar(_("Revenue"), found.revenue or Decimal(0), total=True))
    return Card("steps", title, figure=drawn(waterfall(bars, Unit.MONEY, style)))


def _is_unknown(value: Decimal | None) -> bool:
    return value is None or value.is_nan()


def _short_names() -> dict[str, str]:
    """Names short enough to stand below a bar."""
    return {
        "overdue": _("Overdue"),
        "renewal_deals": _("Open renewals"),
        "otherwise": _("Other amount"),
        "elsewhere": _("Other periods"),
        "earlier": _("From others"),
        "due": _("Due for renewal"),
        "churn": _("Churn"),
    }
