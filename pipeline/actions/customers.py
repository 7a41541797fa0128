"""What people do with customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.roles import Permission, require
from pipeline.actions.changing import apply, changing, locked, save
from pipeline.actions.deals import check_owner
from pipeline.models import Customer, SizeBand

EDITABLE = frozenset(
    {"name", "industry", "size_band", "region", "employees", "owner", "external_id"}
)


def create_customer(*, by: User, at: datetime, fields: Mapping[str, Any]) -> Customer:
    """A new customer, looked after by its author unless another owner is named."""
    with changing(by=by):
        customer = Customer(owner=by, created_at=at)
        apply(customer, fields, editable=EDITABLE)
        if customer.owner is not None:
            check_owner(customer.owner, by=by)
        return save(_banded(customer))


def edit_customer(
    *, customer: Customer, by: User, revision: int, changes: Mapping[str, Any]
) -> Customer:
    """Change what is known about a customer. Stale if it changed since `revision`.

    Whose it is, those change who may reassign; one without an owner may be taken.
    """
    with changing(by=by):
        current = locked(customer, revision=revision)
        _check_new_owner(current, changes.get("owner", current.owner), by=by)
        apply(current, changes, editable=EDITABLE)
        return save(_banded(current))


def _check_new_owner(customer: Customer, owner: User | None, *, by: User) -> None:
    if owner == customer.owner:
        return
    if customer.owner is not None or owner != by:
        require(by, Permission.REASSIGN)
    if owner is not None:
        check_owner(owner, by=by)


def _banded(customer: Customer) -> Customer:
    customer.size_band = SizeBand.of(customer.employees) or customer.size_band
    return customer
