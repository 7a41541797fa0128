"""What a goal may be about: the rules that the form and the API share."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kpis.questions import BadQuestion, check_filter
from kpis.registry import all_kpis


def check_filters(kpi: str, filters: Mapping[str, str]) -> None:
    """ValidationError naming the filter that the KPI does not have: no row would ever match."""
    declared = all_kpis().get(kpi)
    if declared is None:
        return
    dimensions = declared.basis().dimensions
    for name, value in filters.items():
        try:
            check_filter(name, value, dimensions)
        except BadQuestion as error:
            raise ValidationError({"filters": f"{name}: {error}{_offered(dimensions)}"}) from error


def _offered(dimensions: frozenset[str]) -> str:
    if not dimensions:
        return ""
    return " " + _("It knows: %(names)s.") % {"names": ", ".join(sorted(dimensions))}
