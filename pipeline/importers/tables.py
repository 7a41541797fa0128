"""What can be imported: each table's fields, and what their cells may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from accounts.roles import Role
from pipeline.importers.kinds import (
    Choice,
    Currency,
    Day,
    Email,
    Flag,
    Fraction,
    Instant,
    Kind,
    Number,
    Reference,
    Text,
    Whole,
)
from pipeline.models import (
    Activity,
    Category,
    Contract,
    CostKind,
    DealKind,
    LeadStatus,
    LostReason,
    Outcome,
    SizeBand,
)


@dataclass(frozen=True)
class Table:
    """The fields of one kind of row; those in `required` need a value in every row.

    `options` are the settings of a mapping that only this table has.
    """

    fields: Mapping[str, Kind]
    required: tuple[str, ...] = ()
    options: frozenset[str] = field(default_factory=frozenset)


_ID = Text(120)
_MONEY = Number(18, 2)
_SEGMENTS: dict[str, Kind] = {
    "industry": Text(80),
    "size_band": Choice(SizeBand),
    "region": Text(80),
    "employees": Whole(),
}

_DELETED: dict[str, Kind] = {"deleted": Flag(), "deleted_at": Instant()}

# In the order in which they are loaded: what is referred to comes first.
TABLES: dict[str, Table] = {
    "teams": Table(
        {"external_id": _ID, "name": Text(120), "parent": Text(120)},
        required=("name",),
    ),
    "processes": Table(
        {"external_id": _ID, "name": Text(120), "position": Whole(10_000)},
        required=("name",),
    ),
    "stages": Table(
        {
            "external_id": _ID,
            "process": Reference("process"),
            "name": Text(120),
            "name_ko": Text(120),
            "position": Whole(10_000),
            "probability": Fraction(),
            "category": Choice(Category),
            "outcome": Choice(Outcome),
            "is_closed": Flag(),
            "is_won": Flag(),
        },
        required=("name",),
    ),
    "people": Table(
        {
            "external_id": _ID,
            "name": Text(150),
            "email": Email(),
            "role": Choice(Role),
            "team": Reference("team"),
            "member_since": Day(),
            "joined_on": Day(),
            "is_active": Flag(),
            "deleted": Flag(),
        },
        required=("name",),
        options=frozenset({"email_domain", "leads"}),
    ),
    "memberships": Table(
        {"person": Reference("person"), "team": Reference("team"), "since": Day()},
        required=("person", "team"),
    ),
    "products": Table(
        {
            "external_id": _ID,
            "name": Text(),
            "series": Text(120),
            "list_price": _MONEY,
            "currency": Currency(),
            "is_active": Flag(),
        },
        required=("name",),
    ),
    "customers": Table(
        {
            "external_id": _ID,
            "name": Text(),
            **_SEGMENTS,
            "owner": Reference("person"),
            "created_at": Instant(),
            **_DELETED,
        },
        required=("name",),
    ),
    "deals": Table(
        {
            "external_id": _ID,
            "name": Text(),
            "customer": Reference("customer"),
            "owner": Reference("person"),
            "team": Reference("team"),
            "stage": Reference("stage"),
            "product": Reference("product"),
            "amount": _MONEY,
            "currency": Currency(),
            "probability": Fraction(),
            "category": Choice(Category),
            "kind": Choice(DealKind),
            "source": Reference("source"),
            "expected_close": Day(),
            "created_at": Instant(),
            "first_contact_at": Instant(),
            "stage_since": Instant(),
            "closed_at": Instant(),
            "lost_reason": Choice(LostReason),
            "next_step": Text(),
            "next_step_on": Day(),
            **_DELETED,
        },
        required=("external_id", "owner", "stage"),
        options=frozenset({"amount_until_won", "stage_before_close"}),
    ),
    "deal_customers": Table(
        {"deal": Reference("deal"), "customer": Reference("customer")},
        required=("deal", "customer"),
    ),
    "lines": Table(
        {
            "deal": Reference("deal"),
            "product": Reference("product"),
            "quantity": Number(12, 2, low=Decimal("0.01")),
            "amount": _MONEY,
            "deleted": Flag(),
        },
        required=("deal", "product"),
        options=frozenset({"repeated"}),
    ),
    "stage_history": Table(
        {
            "deal": Reference("deal"),
            "stage": Reference("stage"),
            "entered_at": Instant(),
            "customer": Reference("customer"),
            "owner": Reference("person"),
            "amount": _MONEY,
            "probability": Fraction(),
            "category": Choice(Category),
            "kind": Choice(DealKind),
            "expected_close": Day(),
            "deleted": Flag(),
        },
        required=("deal", "stage", "entered_at"),
    ),
    "leads": Table(
        {
            "external_id": _ID,
            "name": Text(150),
            "company_name": Text(),
            "email": Email(),
            "phone": Text(40),
            "owner": Reference("person"),
            "team": Reference("team"),
            "source": Reference("source"),
            "campaign": Text(120),
            **_SEGMENTS,
            "status": Choice(LeadStatus),
            "created_at": Instant(),
            "converted_at": Instant(),
            "customer": Reference("customer"),
            "deal": Reference("deal"),
            **_DELETED,
        },
        required=("created_at",),
    ),
    "activities": Table(
        {
            "external_id": _ID,
            "kind": Choice(Activity.Kind),
            "at": Instant(),
            "person": Reference("person"),
            "team": Reference("team"),
            "deal": Reference("deal"),
            "lead": Reference("lead"),
            "subject": Text(),
            "note": Text(20_000),
            **_DELETED,
        },
        required=("kind", "at", "person"),
    ),
    "contracts": Table(
        {
            "external_id": _ID,
            "customer": Reference("customer"),
            "deal": Reference("deal"),
            "owner": Reference("person"),
            "team": Reference("team"),
            "plan": Text(80),
            "start": Day(),
            "end": Day(),
            "value": _MONEY,
            "monthly_price": _MONEY,
            "currency": Currency(),
            "billing": Choice(Contract.Billing),
            "schedule": Choice(Contract.Schedule),
            "signed_on": Day(),
            "delivered_on": Day(),
            "auto_renew": Flag(),
            "term_months": Whole(1200),
            "renews": Text(120),
            "is_trial": Flag(),
            **_DELETED,
        },
        required=("customer", "start"),
    ),
    "costs": Table(
        {
            "external_id": _ID,
            "kind": Choice(CostKind),
            "day": Day(),
            "amount": _MONEY,
            "currency": Currency(),
            "team": Reference("team"),
            "source": Reference("source"),
            "deal": Reference("deal"),
            "customer": Reference("customer"),
            "product": Reference("product"),
            "note": Text(),
            **_DELETED,
        },
        required=("kind", "day", "amount"),
    ),
    "visits": Table(
        {"day": Day(), "source": Reference("source"), "visits": Whole()},
        required=("day", "source", "visits"),
    ),
    "targets": Table(
        {
            "external_id": _ID,
            "kpi": Text(60),
            "team": Reference("team"),
            "user": Reference("person"),
            "period": Text(40),
            "value": Number(20, 6),
            "weight": Number(6, 2),
        },
        required=("kpi", "period", "value"),
    ),
    "rates": Table(
        {"currency": Currency(), "day": Day(), "price": Number(20, 8, low=Decimal("0.00000001"))},
        required=("currency", "day", "price"),
    ),
}
