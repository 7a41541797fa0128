"""Measures of contracts that fall due."""

from __future__ import annotations

from django.db.models import Expression
from django.utils.translation import gettext_lazy as _

from pipeline.measures.base import How, Measure, amount
from pipeline.populations import contracts as populations
from pipeline.reading import Reading


def monthly(reading: Reading) -> Expression:
    return reading.money(amount="monthly")


CONTRACTS_DUE = Measure("contracts_due", _("contracts due"), populations.DUE)

CONTRACTS_RENEWED = Measure("contracts_renewed", _("of them renewed"), populations.DUE_AND_RENEWED)

VALUE_DUE = Measure("value_due", _("value of contracts due"), populations.DUE, How.SUM, amount)

VALUE_RENEWED = Measure(
    "value_renewed", _("value of those renewed"), populations.DUE_AND_RENEWED, How.SUM, amount
)

RECURRING_AT_START = Measure(
    "recurring_at_start",
    _("recurring value a month at the start"),
    populations.RECURRING_AT_START,
    How.SUM,
    monthly,
)

RECURRING_AT_END = Measure(
    "recurring_at_end",
    _("that of the same customers at the end"),
    populations.RECURRING_AT_END,
    How.SUM,
    monthly,
)

CHURNED_VALUE = Measure(
    "churned_value",
    _("recurring value a month of contracts ended and not renewed"),
    populations.CHURNED,
    How.SUM,
    monthly,
)
