"""Random sequences of edits to facts of every kind, and imports that reach back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pgtrigger
from django.db.models import Model
from hypothesis import strategies as st

from accounts.models import Team
from history import infinity, version_model
from pipeline.models import (
    Activity,
    Contract,
    Cost,
    Customer,
    Deal,
    DealLine,
    Lead,
    Product,
    Rate,
    Source,
    Stage,
    Target,
    Visit,
)
from tests.cast import Cast

FIRST_DAY = date(2026, 1, 1)
_SPANS = frozenset({"id", "row", "valid_from", "valid_to", "recorded_from", "recorded_to"})


@dataclass(frozen=True)
class Edit:
    """One edit: what is done, to which row, with which values (any numbers will do)."""

    name: str
    row: int
    number: int
    day: int


edits = st.builds(
    Edit, st.deferred(lambda: st.sampled_from(sorted(EDITS))), *[st.integers(0, 89)] * 3
)


@dataclass(frozen=True)
class Scene:
    """Where an edit happens."""

    cast: Cast
    edit: Edit
    at: datetime

    def any(self, model: type[Model]) -> Any:
        rows = list(model._base_manager.order_by("pk"))
        return rows[self.edit.row % len(rows)] if rows else None

    def pick(self, *choices: Any) -> Any:
        return choices[self.edit.number % len(choices)]

    @property
    def amount(self) -> Decimal:
        return Decimal(100 * (1 + self.edit.number))

    @property
    def day(self) -> date:
        return FIRST_DAY + timedelta(days=self.edit.day)

    @property
    def past(self) -> datetime:
        """Some instant of the weeks before."""
        return self.at - timedelta(days=self.edit.day % 40, hours=self.edit.number)

    def credit(self, owner: str = "owner") -> dict[str, Any]:
        person = self.pick(self.cast.minsu, self.cast.bora, self.cast.jiwoo)
        return {owner: person, "team": person.memberships.get().team}


def _change(row: Any, **fields: Any) -> None:
    if row is not None:
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()


def _stage(scene: Scene) -> dict[str, Any]:
    stage = scene.cast.stages[scene.edit.number % 6]
    closed = None if stage.outcome == "open" else scene.at
    reason = scene.pick("price", "duplicate") if stage.outcome == "lost" else ""
    return {"stage": stage, "outcome": stage.outcome, "closed_at": closed, "lost_reason": reason}


def _new_deal(scene: Scene) -> None:
    deal = Deal.objects.create(
        name="Deal",
        customer=scene.any(Customer),
        amount=scene.amount,
        currency=scene.pick("KRW", "KRW", "USD"),
        created_at=scene.past,
        first_contact_at=scene.pick(None, scene.past),
        expected_close=scene.day,
        source=scene.any(Source),
        kind=scene.pick("new", "upsell", "renewal", "cross_sell"),
        **scene.credit(),
        **_stage(scene),
    )
    DealLine.objects.create(deal=deal, product=scene.any(Product), amount=scene.amount / 2)


def _new_lead(scene: Scene) -> None:
    Lead.objects.create(
        created_at=scene.past, source=scene.any(Source), industry="Retail", **scene.credit()
    )


def _convert_lead(scene: Scene) -> None:
    _change(scene.any(Lead), status="converted", converted_at=scene.at)


def _log(scene: Scene) -> None:
    if (lead := scene.any(Lead)) is not None:
        Activity.objects.create(kind="call", at=scene.past, lead=lead, **scene.credit("person"))


def _new_contract(scene: Scene) -> None:
    Contract.objects.create(
        customer=scene.any(Customer),
        start=scene.day - timedelta(days=400),
        end=scene.pick(None, scene.day),
        value=scene.amount,
        auto_renew=True,
        term_months=scene.pick(1, 12),
        renews=scene.any(Contract) if scene.edit.row % 2 else None,
        **scene.credit(),
    )


def _cost(scene: Scene) -> None:
    kind = scene.pick("marketing", "sales", "labour", "delivery")
    Cost.objects.create(kind=kind, day=scene.day, amount=scene.amount, team=scene.any(Team))


def _rate(scene: Scene) -> None:
    Rate.objects.update_or_create(
        currency="USD", day=scene.at.date(), defaults={"price": scene.amount}
    )


def _target(scene: Scene) -> None:
    months = {"start": date(2026, 1, 1), "end": scene.pick(date(2026, 2, 1), date(2026, 4, 1))}
    Target.objects.update_or_create(
        kpi="won_revenue", team=None, user=None, **months, defaults={"value": scene.amount}
    )


def _visits(scene: Scene) -> None:
    defaults = {"visits": scene.edit.number}
    Visit.objects.update_or_create(day=scene.day, source=scene.any(Source), defaults=defaults)


def _move_team(scene: Scene) -> None:
    seoul_1 = Team.objects.get(slug="seoul-1")
    _change(seoul_1, parent=scene.pick(scene.cast.teams["busan"], scene.cast.teams["seoul"], None))


def _delete(scene: Scene) -> None:
    row = scene.any(scene.pick(Deal, Lead, Cost, Activity, Visit, DealLine))
    if row is not None:
        row.delete()


EDITS: dict[str, Callable[[Scene], None]] = {
    "new deal": _new_deal,
    "another new deal": _new_deal,
    "move deal": lambda scene: _change(scene.any(Deal), **_stage(scene)),
    "price deal": lambda scene: _change(scene.any(Deal), amount=scene.amount),
    "hand over deal": lambda scene: _change(scene.any(Deal), **scene.credit()),
    "change deal": lambda scene: _change(
        scene.any(Deal), category=scene.pick("omitted", ""), expected_close=scene.day
    ),
    "line": lambda scene: _change(scene.any(DealLine), amount=scene.amount),
    "new lead": _new_lead,
    "convert lead": _convert_lead,
    "log": _log,
    "customer": lambda scene: _change(
        scene.any(Customer), industry=scene.pick("Retail", "Chips", ""), region="Busan"
    ),
    "stage": lambda scene: _change(
        scene.any(Stage),
        probability=Decimal(scene.edit.number) / 100,
        category=scene.pick("omitted", "commit"),
    ),
    "new contract": _new_contract,
    "end contract": lambda scene: _change(scene.any(Contract), end=scene.day),
    "cost": _cost,
    "rate": _rate,
    "target": _target,
    "visits": _visits,
    "move team": _move_team,
    "delete": _delete,
}


def reach_back(model: type[Model], pk: int, changes: dict[str, Any], since: datetime) -> None:
    """What an import does that learns late of a change: the known past is split, not lost."""
    version = version_model(model)
    (now,) = version.objects.filter(row=pk, valid_to=infinity(), recorded_to=infinity())
    since = max(since, now.valid_from + timedelta(seconds=1))
    state = {
        field.attname: getattr(now, field.attname)
        for field in version._meta.concrete_fields
        if field.name not in _SPANS
    }
    moment = now.recorded_from
    with pgtrigger.ignore():
        model._base_manager.filter(pk=pk).update(**changes)
    recorded = {"row_id": pk, "recorded_from": _import_moment(moment)}
    version.objects.filter(pk=now.pk).update(recorded_to=recorded["recorded_from"])
    version.objects.create(**state, **recorded, valid_from=now.valid_from, valid_to=since)
    version.objects.create(**{**state, **changes}, **recorded, valid_from=since)


def _import_moment(at_least: datetime) -> datetime:
    return max(at_least, IMPORTED) + timedelta(microseconds=1)


IMPORTED = datetime.fromisoformat("2026-04-20T12:00:00+09:00")
