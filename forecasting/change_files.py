"""What changed in a forecast as files to take away: figures as they are, not as words."""

from __future__ import annotations

from collections.abc import Collection

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from forecasting.changes import all_calls
from pipeline.deal_changes import KIND_LABELS, Kind, changes
from pipeline.exports import export
from pipeline.models import Category, Outcome
from pipeline.waterfall import Window


def changes_file(window: Window, kinds: Collection[Kind], *, file_format: str) -> HttpResponseBase:
    """All changes of these kinds, a line each."""
    header = [
        _("Change"),
        _("id"),
        _("Deal"),
        _("Customer"),
        _("Owner before"),
        _("Owner"),
        _("amount before"),
        _("amount after"),
        _("currency"),
        _("Close before"),
        _("Close after"),
        _("Category before"),
        _("Category after"),
        _("Times put off"),
        _("Counts as"),
    ]
    lines = (
        [
            str(KIND_LABELS[each.kind]),
            each.deal,
            each.name,
            each.customer,
            each.owner_before,
            each.owner,
            each.amount_before,
            each.amount_after,
            each.currency,
            each.due_before,
            each.due_after,
            category_name(each.category_before),
            category_name(each.category_after),
            each.pushes,
            each.contribution,
        ]
        for each in changes(window, kinds)
    )
    return export(_name(window, "changes"), header, lines, file_format=file_format)


def calls_file(window: Window, *, file_format: str) -> HttpResponseBase:
    """Every figure that was said within the window, a line each."""
    header = [
        _("When"),
        _("Author"),
        _("Whose"),
        _("What"),
        _("Figure"),
        _("Figure before"),
        _("Figure after"),
        _("Why"),
    ]
    lines = (
        [
            call.at,
            str(call.author),
            call.whose,
            call.what,
            moved.column.label,
            moved.before,
            moved.after,
            call.why,
        ]
        for call in all_calls(window)
        for moved in call.moved
    )
    return export(_name(window, "calls"), header, lines, file_format=file_format)


def category_name(key: str | None) -> str:
    """A category, or how a deal ended, in the reader's language; "" for none."""
    names = {**dict(Category.choices), **dict(Outcome.choices)}
    return str(names[key]) if key else ""


def _name(window: Window, what: str) -> str:
    return f"forecast-{what}-{window.closing.code.replace('..', '_')}"
