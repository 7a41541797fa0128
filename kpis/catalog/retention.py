"""The catalog, retention."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from kpis.declarations import Basis, Journey, Kind, Kpi
from pipeline.measures import contracts, customers

KPIS: tuple[Kpi, ...] = (
    Kpi(
        key="retention_rate",
        label=_("Customer retention"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.RETENTION,
        kind=Kind.COHORT,
        help=_(
            "Of the customers active when the period began, the share still active at its end. "
            "Active is who has a running paid contract or, by purchase, who bought in the last "
            "12 months."
        ),
        bases=(
            Basis(
                "contract", _("running contracts"), customers.RETAINED, customers.ACTIVE_AT_START
            ),
            Basis(
                "purchase",
                _("purchases in 12 months"),
                customers.BUYERS_RETAINED,
                customers.BUYERS_AT_START,
            ),
        ),
    ),
    Kpi(
        key="renewal_rate",
        label=_("Renewal rate"),
        unit=Unit.PERCENT,
        up_is_good=True,
        journey=Journey.RETENTION,
        kind=Kind.FLOW,
        help=_(
            "Of the contracts that fell due in the period, the share that was renewed. An early "
            "or late renewal counts where it was due."
        ),
        bases=(
            Basis("count", _("by number"), contracts.CONTRACTS_RENEWED, contracts.CONTRACTS_DUE),
            Basis("value", _("by value"), contracts.VALUE_RENEWED, contracts.VALUE_DUE),
        ),
    ),
)
