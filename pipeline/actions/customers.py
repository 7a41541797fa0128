"""What people do with customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from pipeline.actions.changing import apply, changing, locked, save
from pipeline.models import Customer, SizeBand

EDITABLE = frozenset(
    {"name", "industry", "size_band", "region", "employees", "owner", "external_id"}
)


def create_customer(*, by: User, at: datetime, fields: Mapping[str, Any]) -> Customer:
    """A new customer, looked after by its author unless another owner is named."""
    with changing(by=by):
        customer = Customer(owner=by, created_at=at)
        apply(customer, fields, editable=EDITABLE)
        return save(_banded(customer))


def edit_customer(
    *, customer: Customer, by: User, revision: int, changes: Mapping[str, Any]
) -> Customer:
    """Change what is known about a customer. Stale if it changed since `revision`."""
    with changing(by=by):
        current = locked(customer, revision=revision)
        apply(current, changes, editable=EDITABLE)
        return save(_banded(current))


def _banded(customer: Customer) -> Customer:
    customer.size_band = SizeBand.of(customer.employees) or customer.size_band
    return customer
