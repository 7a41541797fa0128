"""Rules of the cast, made in one line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from accounts.models import User
from alerts import actions
from alerts.models import AlertRule
from tests.cast import Cast, seoul

NOW = seoul(2026, 3, 16, 12)


def make_rule(cast: Cast, **fields: Any) -> AlertRule:
    """Won revenue of the company this quarter below 10 million, unless told otherwise."""
    by: User = fields.pop("by", cast.eunji)
    scope: str = fields.pop("scope", "company")
    recipients = fields.pop("recipients", [by])
    at = fields.pop("at", NOW)
    defaults = {
        "kpi": "won_revenue",
        "period": "this-quarter",
        "direction": "below",
        "threshold": Decimal(10_000_000),
    }
    return actions.create_rule(
        by=by,
        at=at,
        scope=scope,
        fields={**defaults, **fields},
        recipients=[who.pk for who in recipients],
    )
