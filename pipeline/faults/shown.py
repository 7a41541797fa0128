"""What people are shown of a row at fault, by fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from pipeline.models import Customer, Deal, Lead

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Shown:
    """The page of a row, and what stands beside its name; `reads` is fetched with it."""

    url_name: str
    columns: tuple[tuple[StrPromise, Callable[[Any], Any]], ...]
    reads: tuple[str, ...] = ()


class Worth(NamedTuple):
    """An amount in its own currency."""

    amount: Decimal | None
    currency: str


def worth(deal: Deal) -> Worth:
    """What a deal says that it is worth."""
    return Worth(deal.amount, deal.currency)


def _named(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name)


def _label(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(getattr(row, name), "label", None)


def _choice(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, f"get_{name}_display")()


SHOWN: Mapping[type[Model], Shown] = {
    Deal: Shown(
        "pipeline:deal",
        (
            (_("customer"), _named("customer")),
            (_("owner"), _named("owner")),
            (_("stage"), _label("stage")),
            (_("amount"), worth),
            (_("currency"), _named("currency")),
            (_("expected close"), _named("expected_close")),
            (_("created"), _named("created_at")),
            (_("closed"), _named("closed_at")),
        ),
        ("customer", "owner", "stage"),
    ),
    Lead: Shown(
        "pipeline:lead",
        (
            (_("owner"), _named("owner")),
            (_("source"), _label("source")),
            (_("status"), _choice("status")),
            (_("created"), _named("created_at")),
            (_("converted"), _named("converted_at")),
        ),
        ("owner", "source"),
    ),
    Customer: Shown(
        "pipeline:customer",
        (
            (_("owner"), _named("owner")),
            (_("industry"), _named("industry")),
            (_("size"), _choice("size_band")),
            (_("region"), _named("region")),
        ),
        ("owner",),
    ),
}
