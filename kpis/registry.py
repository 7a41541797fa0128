"""The catalogs that the settings name, as one table."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import MappingProxyType

from django.conf import settings

from kpis.declarations import Kpi


@cache
def all_kpis() -> MappingProxyType[str, Kpi]:
    """Every KPI by its key, in the catalogs' order."""
    return MappingProxyType({kpi.key: kpi for kpi in declared()})


def declared() -> list[Kpi]:
    """Every declaration, with repeated keys as they stand; for the system check."""
    modules = [import_module(name) for name in settings.SALESDASH_CATALOGS]
    return [kpi for module in modules for kpi in module.KPIS]
