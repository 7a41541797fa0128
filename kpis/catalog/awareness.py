"""The catalog, awareness."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from kpis.declarations import Basis, Journey, Kind, Kpi
from pipeline.measures import leads, visits

KPIS: tuple[Kpi, ...] = (
    Kpi(
        key="visits",
        label=_("Visits"),
        unit=Unit.COUNT,
        up_is_good=True,
        journey=Journey.AWARENESS,
        kind=Kind.FLOW,
        help=_(
            "How many visits all channels had. They are the whole company's; a team or a person "
            "has none of their own."
        ),
        bases=(Basis("daily", _("visits by day"), visits.VISITS),),
    ),
    Kpi(
        key="lead_volume",
        label=_("Leads"),
        unit=Unit.COUNT,
        up_is_good=True,
        journey=Journey.AWARENESS,
        kind=Kind.FLOW,
        help=_("How many inquiries and prospects came in. Leads are dated by their creation."),
        bases=(Basis("created", _("leads created"), leads.LEADS_CREATED),),
    ),
)
