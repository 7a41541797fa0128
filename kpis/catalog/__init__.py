"""The catalog: every KPI, declared once, in the order of the customer's journey.

Keys are stable; people's scripts name them.
"""

from kpis.catalog import awareness, consideration, decision, economics, retention
from kpis.declarations import Kpi

KPIS: tuple[Kpi, ...] = (
    *awareness.KPIS,
    *consideration.KPIS,
    *decision.KPIS,
    *retention.KPIS,
    *economics.KPIS,
)
