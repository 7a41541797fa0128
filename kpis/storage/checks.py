"""A stored column without its measure stops the start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import checks

from kpis.storage.columns import columns, declared_measures


def check_columns(**_options: Any) -> list[checks.CheckMessage]:
    """Every fault of the stored columns, as Django errors."""
    return [checks.Error(fault, id="kpis.E002") for name in columns() for fault in faults(name)]


def faults(name: str) -> Iterator[str]:
    """What is wrong with a column, a sentence each."""
    measure = declared_measures().get(name)
    if measure is None:
        yield f"The stored column {name!r} is no measure of any KPI."
    elif not measure.is_additive:
        yield f"{name} cannot be added up, so it cannot be stored."
    elif not measure.of.dated_by:
        yield f"{name} has no date that puts its rows into a month, so it cannot be stored."
