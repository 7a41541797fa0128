"""The catalog, economics."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from charts.numbers import Unit
from kpis.declarations import Basis, Journey, Kind, Kpi
from pipeline.measures import costs, deals

KPIS: tuple[Kpi, ...] = (
    Kpi(
        key="cac",
        label=_("Customer acquisition cost"),
        unit=Unit.MONEY,
        up_is_good=False,
        journey=Journey.ECONOMICS,
        kind=Kind.FLOW,
        help=_(
            "What it cost to win one new customer: marketing, sales and labour cost of the "
            "period ÷ customers won for the first time in it."
        ),
        bases=(Basis("paid", _("recorded costs"), costs.ACQUISITION_COST, deals.FIRST_WINS),),
        needs=Permission.VIEW_COSTS,
    ),
)
