"""Why the parts of a figure do not add up to it, where they do not."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from kpis.declarations import Kind
from kpis.questions import GRAINS, Answer
from pipeline.measures import How


def adds_up(answer: Answer) -> bool:
    """Whether the values of its rows come to the figure."""
    return not why_not(answer)


def why_not(answer: Answer) -> str:
    """The reason in a sentence; "" where the rows add up, or there are none."""
    question, basis = answer.question, answer.question.declared_basis
    if not question.by:
        return ""
    if answer.kpi.of_other:
        return _("Each part is held against its own target, so the parts do not add up.")
    if not basis.is_additive:
        return _not_additive(answer)
    if question.by in GRAINS:
        return _over_time(answer)
    if question.by == "product":
        return _by_product(answer)
    return ""


def _not_additive(answer: Answer) -> str:
    basis = answer.question.declared_basis
    if basis.combine is not None:
        return _("The figure is worked out anew for each part, so the parts do not add up to it.")
    if basis.denominator is not None:
        return _("A ratio: each part has its own numerator and denominator; add those up instead.")
    if basis.numerator.how is How.MEAN:
        return _("A mean of the rows of each part; means do not add up.")
    return _("A quantile of the rows of each part; quantiles do not add up.")


def _over_time(answer: Answer) -> str:
    if answer.kpi.kind is Kind.STOCK or not answer.basis.adds_up_over_time:
        return _("A state at the end of each part; states at different times are never added.")
    return ""


def _by_product(answer: Answer) -> str:
    """Deals and products are many to many."""
    parts = [row.result.value for row in answer.rows]
    if answer.value is None or None in parts:
        return _("A deal with several products is in the row of each of them.")
    if sum((part for part in parts if part is not None), Decimal(0)) == answer.value:
        return ""
    if answer.basis.numerator.how is How.COUNT:
        return _(
            "A deal with several products counts in the row of each of them, so the rows come to "
            "more than the deals there are."
        )
    return _(
        "By product the amounts are those of the deals' lines; they need not come to the amounts "
        "of the deals themselves."
    )
