"""Which panels each home is made of, and whose home a look is."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.roles import Permission, allowed
from accounts.scope import ScopeKind
from dashboards.look import Look
from dashboards.panel import Panel
from dashboards.panels.attainment import attainments
from dashboards.panels.changes import changes
from dashboards.panels.dwell import dwell
from dashboards.panels.forecast import forecast, my_forecast
from dashboards.panels.headline import HEADLINE
from dashboards.panels.landing import landing
from dashboards.panels.needed import needed
from dashboards.panels.ranking import ranking
from dashboards.panels.segments import segments
from dashboards.panels.stages import stages
from dashboards.panels.tiles import tiles
from dashboards.panels.trend import trend
from dashboards.panels.work import work


@dataclass(frozen=True)
class Home:
    """A page of panels: the headline stands in the page's head, the others in its grid."""

    key: str
    panels: tuple[Panel, ...]

    def panel(self, key: str) -> Panel | None:
        """The panel of that key, if this home has it."""
        return next((panel for panel in self.panels if panel.key == key), None)


EXECUTIVE = Home(
    "executive",
    (
        HEADLINE,
        landing("span-8"),
        attainments("span-4"),
        tiles(
            "won_revenue",
            "pipeline_coverage",
            "open_pipeline",
            "win_rate",
            "average_deal_size",
            "sales_cycle",
            "retention_rate",
            "cac",
        ),
        trend("span-12"),
        changes("span-8"),
        needed("span-4"),
        stages("span-6"),
        dwell("span-6"),
        segments("span-6"),
        ranking("rep", "team", css="span-6"),
    ),
)
LEAD = Home(
    "lead",
    (
        HEADLINE,
        tiles(
            "won_revenue",
            "pipeline_coverage",
            "open_pipeline",
            "win_rate",
            "new_deals",
            "average_deal_size",
            "sales_cycle",
            "lead_conversion_rate",
        ),
        forecast("span-12"),
        attainments("span-7"),
        work("slipped", "span-5"),
        ranking("rep", css="span-7"),
        work("stalled", "span-5"),
        stages("span-6"),
        dwell("span-6"),
        changes("span-12"),
        trend("span-8"),
        needed("span-4"),
    ),
)
REP = Home(
    "rep",
    (
        HEADLINE,
        work("steps", "span-8"),
        needed("span-4"),
        tiles(
            "won_revenue",
            "open_pipeline",
            "win_rate",
            "lead_conversion_rate",
        ),
        work("closing", "span-6"),
        my_forecast("span-6"),
        work("stalled", "span-6"),
        work("leads", "span-6"),
        stages("span-5"),
        trend("span-7"),
    ),
)


def home_of(look: Look) -> Home:
    """One person's figures are a rep's home, whoever looks; else what the viewer may see says."""
    if look.scope.kind is ScopeKind.USER:
        return REP
    return EXECUTIVE if allowed(look.viewer, Permission.VIEW_COMPANY) else LEAD
