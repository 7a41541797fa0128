"""What the explorer calls choices: of parts, of steps on the customer's way, of behaviour."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kpis.declarations import Kind

SPLITS: dict[str, Any] = {
    "day": _("Day"),
    "week": _("Week"),
    "month": _("Month"),
    "quarter": _("Quarter"),
    "team": _("Team"),
    "rep": _("Rep"),
    "industry": _("Industry"),
    "size": _("Size"),
    "region": _("Region"),
    "source": _("Source"),
    "product": _("Product"),
    "stage": _("Stage"),
    "kind": _("Kind of deal"),
}
CONTROLS: dict[str, Any] = {
    **SPLITS,
    "by": _("Split by"),
    "grain": _("Over time"),
    "basis": _("Basis"),
    "of": _("Of which KPI"),
    "closing": _("Expected to close"),
}
KINDS: dict[Kind, Any] = {
    Kind.FLOW: _("Summed over the period"),
    Kind.STOCK: _("Read at an instant: the period's end, or now while it runs"),
    Kind.COHORT: _("Follows the rows that entered in the period"),
}
