"""What changed: the pipeline's waterfall over the period, each bar opening its deals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charts.data import Step as Drawn
from charts.finding import waterfall_finding
from charts.numbers import Unit
from charts.waterfalls import waterfall as figure_of
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.wording import exact, written
from kpis.cards import Card, drawn
from kpis.parameters import window_from
from kpis.questions import Answer
from pipeline.waterfall import LABELS, Bar, Step, Waterfall, Window, missing_rates, waterfall

TOTALS = (Step.START, Step.END)
PAST = ("as_of", "known_at", "structure")
FACTS = ("deal", "rate", "stage")


def changes(css: str) -> Panel:
    """From the period's start until now (or its end), of the deals expected to close in it."""
    return Panel("changes", show=_show, css=css, facts=FACTS, is_slow=True)


def window_of(look: Look) -> Window:
    """The window that a look is about."""
    asked = {"scope": look.scope.code, "closing": look.period.code, **past_of(look)}
    return window_from(asked, viewer=look.viewer, at=look.at)


def _show(look: Look, _answers: list[Answer]) -> Card:
    window = window_of(look)
    found = waterfall(window)
    happened = [bar for bar in found.bars if bar.deals or bar.step in TOTALS]
    steps = [_step(bar, look) for bar in happened]
    return Card(
        id="changes",
        title=_title(found, steps, look),
        note=_("Open deals expected to close in the period; each bar opens its deals"),
        figure=drawn(figure_of(steps, Unit.MONEY, look.style)),
        header=[_("Step"), _("Amount"), _("Deals")],
        rows=[
            [str(LABELS[bar.step]), exact(bar.value, Unit.MONEY, look.style), str(bar.deals)]
            for bar in happened
        ],
        empty=_why_nothing(window, found),
    )


def _title(found: Waterfall, steps: Sequence[Drawn], look: Look) -> str:
    said = None
    if found.residual is not None:
        said = waterfall_finding(_("The pipeline"), steps, Unit.MONEY, look.style)
    return said or _("What changed the pipeline?")


def _why_nothing(window: Window, found: Waterfall) -> str:
    if found.residual is None:
        currency, day = missing_rates(window)[0]
        return _("There is no exchange rate for %(currency)s on %(day)s.") % {
            "currency": currency,
            "day": day.isoformat(),
        }
    if any(bar.deals for bar in found.bars):
        return ""
    return _("No deal was expected to close in this period.")


def _step(bar: Bar, look: Look) -> Drawn:
    name = str(LABELS[bar.step])
    deals = ngettext("%(count)s deal", "%(count)s deals", bar.deals) % {"count": bar.deals}
    amount = written(bar.value, Unit.MONEY, look.style)
    return Drawn(
        label=name,
        value=bar.value or Decimal(0),
        total=bar.step in TOTALS,
        hover=_("%(step)s: %(amount)s, %(deals)s")
        % {"step": name, "amount": amount, "deals": deals},
        href=deals_url(bar.step, look),
    )


def deals_url(step: Step, look: Look) -> str:
    """Where a bar opens."""
    here = {"scope": look.scope.code, "period": look.selection.period_code, **past_of(look)}
    return f"{reverse('dashboards:waterfall', args=[step.value])}?{urlencode(here)}"


def past_of(look: Look) -> dict[str, str]:
    """As of when and by whose teams a look is, as addresses say it."""
    return {name: value for name, value in look.selection.stated if name in PAST}
