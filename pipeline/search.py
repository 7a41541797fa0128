"""Finding a deal, a customer or a lead by a part of its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from pipeline.models import Customer, Deal, Lead

SHORTEST = 2
MOST = 8
# Within a name is looked for among the newest only: no index serves it.
NEWEST = 20_000


@dataclass(frozen=True)
class Found:
    """Something that a search came upon: its name, what it is, and its address."""

    label: str
    hint: str
    url: str


def storable(text: str) -> str:
    """Without the one character that PostgreSQL does not take in a text."""
    return text.replace("\0", "")


def search(text: str, *, viewer: User) -> list[Found]:
    """At most eight each of the deals, customers and leads that a person may see."""
    wanted = storable(text).strip().lower()
    if len(wanted) < SHORTEST:
        return []
    return [*_customers(wanted, viewer), *_deals(wanted, viewer), *_leads(wanted, viewer)]


def _customers(wanted: str, viewer: User) -> Iterator[Found]:
    for row in _named(Customer.objects.visible_to(viewer), "name", wanted):
        yield Found(row.name, _("Customer"), reverse("pipeline:customer", args=[row.pk]))


def _deals(wanted: str, viewer: User) -> Iterator[Found]:
    rows = Deal.objects.visible_to(viewer).select_related("customer", "stage")
    for row in _named(rows, "name", wanted):
        parts = [_("Deal"), row.stage.label, row.customer.name if row.customer else ""]
        hint = " · ".join(part for part in parts if part)
        yield Found(row.name, hint, reverse("pipeline:deal", args=[row.pk]))


def _leads(wanted: str, viewer: User) -> Iterator[Found]:
    for row in _named(Lead.objects.visible_to(viewer), "company_name", wanted):
        hint = f"{_('Lead')} · {row.get_status_display()}"
        yield Found(str(row), hint, reverse("pipeline:lead", args=[row.pk]))


def _named(rows: QuerySet[Any], field: str, wanted: str) -> list[Any]:
    """Rows whose name begins so, then, where those are few, newest rows whose name holds it."""
    lowered = rows.annotate(lowered=Lower(field))
    first = list(lowered.filter(lowered__startswith=wanted).order_by("lowered", "-pk")[:MOST])
    if len(first) == MOST:
        return first
    newest = rows.order_by("-pk").values("pk")[:NEWEST]
    within = lowered.filter(pk__in=newest, lowered__contains=wanted)
    others = within.exclude(pk__in=[row.pk for row in first])
    return [*first, *others.order_by("-pk")[: MOST - len(first)]]
