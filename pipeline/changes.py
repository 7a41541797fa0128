"""What was changed in a row, when and by whom, read from its versions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Value

from accounts.models import User
from history import version_model
from pipeline.models import Criterion, Deal, LateChange, Skip

# Ends of spans may be infinite, which drivers cannot carry, and are not needed here.
_KEPT = ("valid_from", "recorded_from", "changed_by", "deleted")
_NOT_STATE = frozenset({"id", "row", "valid_to", "recorded_to", "transaction", *_KEPT})
# Why somebody changed what belongs to a closed period, kept beside the version. The numbers of
# transactions begin anew where a backup is restored, so that the time counts too.
_WHY = Subquery(
    LateChange.objects.filter(
        transaction=OuterRef("transaction"),
        at__lte=OuterRef("recorded_from"),
        at__gt=OuterRef("recorded_from") - Value(timedelta(days=1)),
    ).values("reason")[:1]
)
# Why a deal moved past what was not ticked; what was written in bulk names no transaction.
_SKIP = Subquery(
    Skip.objects.filter(
        Q(transaction__gt=0) | Q(at=OuterRef("recorded_from")),
        deal=OuterRef("row"),
        transaction=OuterRef("transaction"),
        at__range=(
            OuterRef("recorded_from") - Value(timedelta(days=1)),
            OuterRef("recorded_from") + Value(timedelta(days=1)),
        ),
    ).values("pk")[:1]
)


@dataclass(frozen=True)
class Passed:
    """What a deal moved past unticked, and why."""

    reason: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class FieldChange:
    """One field's value before and after, raw and as text; before is None in the first version."""

    name: str
    label: str
    before: Any
    after: Any
    before_text: str
    after_text: str


@dataclass(frozen=True)
class Change:
    """One version: since when it is true, when it was recorded, by whom, and what it changed."""

    at: datetime
    recorded_at: datetime
    by: User | None
    created: bool
    deleted: bool
    fields: tuple[FieldChange, ...]
    reason: str = ""
    passed: Passed | None = None


def changes_of(row: models.Model) -> list[Change]:
    """What happened to a row by what is known now, newest first, in a fixed count of queries."""
    columns = _columns(type(row))
    states = list(
        version_model(type(row))
        .objects.known()
        .filter(row=row.pk)
        .values(*_KEPT, *(column.attname for column in columns), reason=_WHY, **_more(type(row)))
    )
    _put_passed(states)
    named = {column.name: _names(column, states) for column in columns if column.is_relation}
    people = User.objects.in_bulk({state["changed_by"] for state in states} - {None})
    pairs = pairwise([None, *states])
    return [_change(before, after, columns, named, people) for before, after in pairs][::-1]


def _columns(model: type[models.Model]) -> list[Any]:
    kept = version_model(model)._meta.concrete_fields
    return [model._meta.get_field(field.name) for field in kept if field.name not in _NOT_STATE]


def _names(column: Any, states: Iterable[Mapping[str, Any]]) -> dict[Any, str]:
    keys = {state[column.attname] for state in states} - {None}
    found = column.related_model._base_manager.in_bulk(keys)
    return {key: str(target) for key, target in found.items()}


def _change(
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    columns: Iterable[Any],
    named: Mapping[str, Mapping[Any, str]],
    people: Mapping[int, User],
) -> Change:
    fields = (
        _field_change(column, before and before[column.attname], after[column.attname], named)
        for column in columns
    )
    return Change(
        at=after["valid_from"],
        recorded_at=after["recorded_from"],
        by=people.get(after["changed_by"]),
        created=before is None or before["deleted"],
        deleted=after["deleted"],
        fields=tuple(field for field in fields if field.before != field.after),
        reason=after["reason"] or "",
        passed=after.get("passed"),
    )


def _more(model: type[models.Model]) -> dict[str, Any]:
    return {"skip": _SKIP} if model is Deal else {}


def _put_passed(states: list[dict[str, Any]]) -> None:
    """What the skips of the states tell, read at once."""
    keys = {state.get("skip") for state in states} - {None}
    if not keys:
        return
    skips = Skip.objects.in_bulk(keys)
    criteria = Criterion.objects.in_bulk({key for each in skips.values() for key in each.criteria})
    for state in states:
        skip = skips.get(state["skip"])
        if skip is not None:
            named = tuple(criteria[key] for key in skip.criteria if key in criteria)
            state["passed"] = Passed(skip.reason, named)


def _field_change(
    column: Any, before: Any, after: Any, named: Mapping[str, Mapping[Any, str]]
) -> FieldChange:
    texts = named.get(column.name) or dict(column.flatchoices or ())
    return FieldChange(
        column.name,
        str(column.verbose_name),
        before,
        after,
        _text(before, texts),
        _text(after, texts),
    )


def _text(value: Any, texts: Mapping[Any, Any]) -> str:
    # What has names is a key, and can be looked up; anything else may not even be hashable.
    return "" if value is None else str(texts.get(value, value) if texts else value)


def changes_since(
    model: type[models.Model], keys: Collection[int], recorded_after: datetime
) -> dict[int, list[Change]]:
    """What was recorded of some rows after an instant, newest first, in few queries."""
    columns = _columns(model)
    names = (*_KEPT, *(column.attname for column in columns))
    known = (
        version_model(model).objects.known().filter(row__in=keys).order_by("row_id", "valid_from")
    )
    states = list(known.values("row_id", *names, reason=_WHY))
    named = {column.name: _names(column, states) for column in columns if column.is_relation}
    people = User.objects.in_bulk({state["changed_by"] for state in states} - {None})
    found = {}
    for key, each in groupby(states, key=lambda state: int(state["row_id"])):
        pairs = pairwise([None, *each])
        made = [_change(before, after, columns, named, people) for before, after in pairs]
        found[key] = [change for change in made[::-1] if change.recorded_at > recorded_after]
    return found
