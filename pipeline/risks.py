"""What makes an open deal worth a second look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from pipeline.models import Deal, Outcome


@dataclass(frozen=True)
class Risk:
    """A mark on a deal: its word, the tone of its badge, and why in a sentence."""

    text: str
    kind: str
    why: str


def risks_of(deal: Deal, *, today: date, at: datetime, usual: int | None) -> list[Risk]:
    """The marks of a deal; `usual` is how many days deals usually stay in its stage."""
    if deal.outcome != Outcome.OPEN:
        return []
    found = [_overdue(deal, today), _stalled(deal.age_in_stage(at), usual)]
    return [risk for risk in found if risk]


def _overdue(deal: Deal, today: date) -> Risk | None:
    if deal.expected_close is None or deal.expected_close >= today:
        return None
    days = (today - deal.expected_close).days
    why = ngettext(
        "It was expected to close %(days)s day ago.",
        "It was expected to close %(days)s days ago.",
        days,
    )
    return Risk(_("Overdue"), "bad", why % {"days": days})


def _stalled(age: int | None, usual: int | None) -> Risk | None:
    if age is None or usual is None or age <= usual:
        return None
    why = _("In this stage for %(age)s days; three of four deals move on within %(usual)s.")
    return Risk(pgettext("mark on a deal", "Stalled"), "warn", why % {"age": age, "usual": usual})


def missing_for_next_stage(deal: Deal) -> list[Any]:
    """The names of what should be known before an open deal moves on."""
    wanted = ("customer", "amount", "expected_close", "next_step")
    return [
        Deal._meta.get_field(name).verbose_name  # type: ignore[union-attr] # plain columns
        for name in wanted
        if getattr(deal, f"{name}_id" if name == "customer" else name) in (None, "")
    ]
