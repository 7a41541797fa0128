"""What finance does: contracts, costs and exchange rates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import Company, User
from accounts.roles import Permission
from pipeline.actions.changing import apply, changing, locked, save
from pipeline.models import Contract, Cost, Rate

CONTRACT_FIELDS = frozenset(
    {
        "customer",
        "deal",
        "owner",
        "team",
        "plan",
        "start",
        "end",
        "value",
        "monthly_price",
        "currency",
        "billing",
        "schedule",
        "signed_on",
        "delivered_on",
        "auto_renew",
        "term_months",
        "renews",
        "is_trial",
        "external_id",
    }
)
COST_FIELDS = frozenset(
    {
        "kind",
        "day",
        "amount",
        "currency",
        "team",
        "source",
        "deal",
        "customer",
        "product",
        "note",
        "external_id",
    }
)


def create_contract(*, by: User, fields: Mapping[str, Any]) -> Contract:
    """A new contract; credited as its deal is, unless an owner or team is named."""
    with changing(by=by, needs=Permission.EDIT_FINANCE):
        contract = Contract(currency=Company.current().currency)
        apply(contract, fields, editable=CONTRACT_FIELDS)
        if contract.deal is not None:
            contract.owner = contract.owner or contract.deal.owner
            contract.team = contract.team or contract.deal.team
        return save(contract)


def edit_contract(
    *, contract: Contract, by: User, revision: int, changes: Mapping[str, Any]
) -> Contract:
    """Change a contract. Stale if it changed since `revision`."""
    with changing(by=by, needs=Permission.EDIT_FINANCE):
        current = locked(contract, revision=revision)
        apply(current, changes, editable=CONTRACT_FIELDS)
        return save(current)


def delete_contract(*, contract: Contract, by: User, revision: int) -> None:
    """Take away a contract that never was. Stale if it changed since `revision`."""
    with changing(by=by, needs=Permission.EDIT_FINANCE):
        locked(contract, revision=revision).delete()


def create_cost(*, by: User, fields: Mapping[str, Any]) -> Cost:
    """A new cost, of the company as a whole unless `fields` say of what."""
    with changing(by=by, needs=Permission.EDIT_FINANCE):
        cost = Cost(currency=Company.current().currency)
        apply(cost, fields, editable=COST_FIELDS)
        return save(cost)


def edit_cost(*, cost: Cost, by: User, revision: int, changes: Mapping[str, Any]) -> Cost:
    """Change a cost. Stale if it changed since `revision`."""
    with changing(by=by, needs=Permission.EDIT_FINANCE):
        current = locked(cost, revision=revision)
        apply(current, changes, editable=COST_FIELDS)
        return save(current)


def delete_cost(*, cost: Cost, by: User, revision: int) -> None:
    """Take away a cost. Stale if it changed since `revision`."""
    with changing(by=by, needs=Permission.EDIT_FINANCE):
        locked(cost, revision=revision).delete()


def set_rate(*, by: User, currency: str, day: date, price: Decimal) -> Rate:
    """The price of a currency on a day, in the company's own; replaces one already there."""
    with changing(by=by, needs=Permission.EDIT_FINANCE):
        known = Rate.objects.select_for_update().filter(currency=currency, day=day).first()
        return _priced(known or Rate(currency=currency, day=day), price)


def edit_rate(*, rate: Rate, by: User, price: Decimal) -> Rate:
    """Correct a price."""
    with changing(by=by, needs=Permission.EDIT_FINANCE):
        return _priced(rate, price)


def _priced(rate: Rate, price: Decimal) -> Rate:
    rate.price = price
    rate.full_clean()
    rate.save()
    return rate


def delete_rate(*, rate: Rate, by: User) -> None:
    """Take away a price; the last one before it is in force again."""
    with changing(by=by, needs=Permission.EDIT_FINANCE):
        rate.delete()
