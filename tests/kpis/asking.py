"""One question about the cast's company, with the defaults that most tests share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.scope import resolve
from kpis.evaluate import answer
from kpis.questions import Answer, Question
from tests.cast import Cast, seoul

NOW = seoul(2026, 3, 16, 12)


def ask(cast: Cast, kpi: str, period: str = "2026-Q1", **options: Any) -> Answer:
    """The answer that an executive gets at NOW for the company, unless `options` say otherwise."""
    viewer: User = options.pop("viewer", cast.eunji)
    scope = resolve(options.pop("scope", "company"), viewer)
    at = options.pop("at", NOW)
    span = cast.company.calendar.parse(period, at=at)
    (found,) = answer([Question(kpi, scope, span, **options)], viewer=viewer, at=at)
    return found


def rows(found: Answer) -> dict[str, Decimal | None]:
    """The values of a split figure by their labels."""
    return {row.label: row.result.value for row in found.rows}
