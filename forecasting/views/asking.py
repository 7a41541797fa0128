"""What a page's address asks for, and for whom it is written."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import get_language

from accounts.models import Company
from accounts.selection import selection
from charts.data import Style
from forecasting.asking import Asked
from pipeline.views.asking import viewer_of


def asked_by(request: HttpRequest) -> Asked:
    """The forecast that a page's address names."""
    chosen = selection(request)
    return Asked(
        viewer=viewer_of(request),
        scope=chosen.scope,
        period=chosen.period,
        at=chosen.at,
        as_of=chosen.as_of,
        structure=chosen.structure,
    )


def style_here() -> Style:
    """In the language of the page."""
    return Style(get_language() or "en", Company.current().currency)
