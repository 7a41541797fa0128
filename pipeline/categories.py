"""What a move does to how a deal counts in the forecast, in words: nothing of it is silent."""

from __future__ import annotations

from django.utils.translation import gettext as _

from pipeline.models import Category, Deal, Outcome


def notice_of(deal: Deal, before: str) -> str:
    """Of a deal that was moved: that its own category stays, or counts otherwise now; else "".

    `before` is the category that it counted in.
    """
    if deal.keeps_own_category:
        said = _("Its own forecast category stays: %(own)s. The stage's is %(stage)s.")
        names = {"own": Category(deal.category).label, "stage": Category(deal.stage.category).label}
        return said % names
    if deal.outcome == Outcome.OPEN and deal.forecast_category != before:
        return _("It counts as %(category)s now.") % {
            "category": Category(deal.forecast_category).label
        }
    return ""
