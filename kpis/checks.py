"""A wrong catalog stops the start, with every fault named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core import checks

from kpis.declarations import Basis, Kpi
from kpis.registry import declared


def check_catalog(**_options: Any) -> list[checks.CheckMessage]:
    """Every fault of the catalogs, as Django errors."""
    kpis = declared()
    return [checks.Error(fault, id="kpis.E001") for fault in faults(kpis)]


def faults(kpis: list[Kpi]) -> Iterator[str]:
    """What is wrong with these declarations, a sentence each."""
    for key, times in Counter(kpi.key for kpi in kpis).items():
        if times > 1:
            yield f"The KPI {key!r} is declared {times} times."
    for kpi in kpis:
        yield from _faults_of(kpi)


def _faults_of(kpi: Kpi) -> Iterator[str]:
    if not kpi.key.isidentifier() or kpi.key != kpi.key.lower():
        yield f"The key {kpi.key!r} must be lower case words joined by underscores."
    if not str(kpi.help) or not str(kpi.label):
        yield f"{kpi.key} needs a label and a help text."
    if not kpi.bases:
        yield f"{kpi.key} needs at least one basis."
    if len({basis.key for basis in kpi.bases}) != len(kpi.bases):
        yield f"{kpi.key} has two bases of one name."
    for basis in kpi.bases:
        yield from _faults_of_basis(kpi, basis)


def _faults_of_basis(kpi: Kpi, basis: Basis) -> Iterator[str]:
    if basis.combine is not None and not basis.formula_text:
        yield f"{kpi.key}/{basis.key} combines its parts, so it must write its formula."
    if "target" in basis.extra:
        yield f"{kpi.key}/{basis.key}: the part 'target' is the scope's own target."
