"""Measures of contracts that fall due."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pipeline.measures.base import How, Measure, amount
from pipeline.populations import contracts as populations

CONTRACTS_DUE = Measure("contracts_due", _("contracts due"), populations.DUE)

CONTRACTS_RENEWED = Measure("contracts_renewed", _("of them renewed"), populations.DUE_AND_RENEWED)

VALUE_DUE = Measure("value_due", _("value of contracts due"), populations.DUE, How.SUM, amount)

VALUE_RENEWED = Measure(
    "value_renewed", _("value of those renewed"), populations.DUE_AND_RENEWED, How.SUM, amount
)
