"""Names what was read: the same measure, read in the same way by the same code, on one day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from accounts.scope import Scope
from periods import Period
from pipeline.measures import Measure
from pipeline.reading import Reading

if TYPE_CHECKING:
    from kpis.selects import Part

# Whose code decides what a measure comes to.
_PACKAGES = ("accounts", "history", "kpis", "periods", "pipeline", "forecasting")


def keys_of(part: Part, measures: list[Measure]) -> Iterator[str]:
    """The keys of measures of one part, in their order."""
    told = [_code(), part.population.key, *_reading(part.reading), part.split.dimension]
    told.extend(map(_period, part.split.periods))
    common = sha256("|".join(told).encode())
    for measure in measures:
        own = common.copy()
        own.update(measure.key.encode())
        yield own.hexdigest()


@cache
def _code() -> str:
    """After an update nothing is recalled that another version of the program came to."""
    told = sha256()
    for package in _PACKAGES:
        for path in sorted(Path(settings.BASE_DIR, package).rglob("*.py")):
            told.update(path.read_bytes())
    return told.hexdigest()


def _reading(reading: Reading) -> Iterator[str]:
    """The present counts by its day only, unless the reading is of some fixed instant."""
    for name in _FIELDS:
        yield _text(getattr(reading, name))
    fixed = is_of_fixed_instant(reading)
    yield str(reading.at if fixed else reading.calendar.business_day(reading.at))


_FIELDS = tuple(field.name for field in fields(Reading) if field.name != "at")


def is_of_fixed_instant(reading: Reading) -> bool:
    """Whether it says the same whenever it is asked, as long as no fact changes."""
    return reading.as_of is not None or reading.standing is not None


def _text(value: Any) -> str:
    if isinstance(value, Scope):
        return _scope(value)
    return _period(value) if isinstance(value, Period) else str(value)


@lru_cache(maxsize=4096)
def _scope(scope: Scope) -> str:
    return f"{scope.code} {_sorted(tuple(getattr(scope, name) for name in _SCOPE_FIELDS))}"


_SCOPE_FIELDS = tuple(field.name for field in fields(Scope) if field.compare)


def _sorted(value: Any) -> Any:
    """Sets in one order, however deep they lie."""
    if isinstance(value, frozenset):
        return sorted(value)
    return tuple(map(_sorted, value)) if isinstance(value, tuple) else value


@lru_cache(maxsize=4096)
def _period(period: Period) -> str:
    return f"{period.start} {period.end} {period.grain} {period.calendar.zone.key}"
