"""The forecast's own KPIs."""

from kpis.declarations import Kpi

KPIS: tuple[Kpi, ...] = ()
