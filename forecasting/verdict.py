"""What the model may claim of itself, in words, and how methods are called."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from charts.data import Style
from charts.numbers import Unit, write
from forecasting.accuracy.table import Accuracy, Method

NAMES: dict[str, Any] = {
    Method.REP_COMMIT: gettext_lazy("Reps' commit"),
    Method.LEAD_ADJUSTED: gettext_lazy("Adjusted by leads"),
    Method.STAGE_WEIGHTED: gettext_lazy("Stage-weighted"),
    Method.MODEL: gettext_lazy("Model"),
    Method.SAME_QUARTER_LAST_YEAR: gettext_lazy("Same quarter last year"),
    Method.RUN_RATE: gettext_lazy("Run rate"),
    "usual": gettext_lazy("the usual quarter"),
}


def verdict_words(found: Accuracy, style: Style) -> str:
    """Whether the model has shown skill on past quarters; never more than the figures carry."""
    verdict = found.verdict
    if verdict.model is None or verdict.other is None:
        return _("The model has not been tried on enough past quarters here to claim any skill.")
    said = {
        "cases": verdict.cases,
        "model": percent(Decimal(verdict.model), style),
        "rival": NAMES[verdict.rival],
        "other": percent(Decimal(verdict.other), style),
    }
    if verdict.is_skilled:
        return (
            _(
                "Tried on %(cases)s past results, the model was off by %(model)s; the next best, "
                "%(rival)s, by %(other)s."
            )
            % said
        )
    return (
        _(
            "No skill is claimed: tried on %(cases)s past results, the model was off by %(model)s, "
            "%(rival)s by %(other)s, which may be luck."
        )
        % said
    )


def percent(value: Decimal | None, style: Style) -> str:
    """A fraction as a whole percentage."""
    return write(value, Unit.PERCENT, language=style.language, currency="", places=0)
