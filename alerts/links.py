"""Addresses of pages that explain a figure."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from alerts.models import Condition


def explain_path(condition: Condition, period: str) -> str:
    """The page that explains a condition's figure in a period, by its code."""
    query = {"scope": condition.scope_code, "period": period, "basis": condition.basis}
    stated = {name: value for name, value in query.items() if value}
    return f"{reverse('dashboards:explain', args=[condition.kpi])}?{urlencode(stated)}"
