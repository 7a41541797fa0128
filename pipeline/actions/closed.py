"""Guards closed periods: what would move their figures needs a permission and a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.roles import Permission, allowed
from history import version_model
from pipeline.models import Activity, Contract, Cost, Deal, DealLine, Lead, Rate, Target
from pipeline.models.closings import Closing, LateChange

# By which columns a row is in a period, and those that matter only when they change themselves:
# an open deal of a closed quarter may be worked on, but not be said to have begun elsewhere.
_DATED: dict[type[models.Model], tuple[tuple[str, ...], tuple[str, ...]]] = {
    Activity: ((), ("at",)),
    Contract: (("start", "end"), ()),
    Cost: (("day",), ()),
    Deal: (("closed_at",), ("created_at",)),
    Lead: (("converted_at",), ("created_at",)),
    Rate: (("day",), ()),
    Target: (("last_day",), ()),
}
NEEDS_REASON = "closed"
# Any number that nothing else locks by.
_LOCK = 0xC105E
LONGEST = 300
_author: ContextVar[User | None] = ContextVar("author", default=None)
_reason: ContextVar[str] = ContextVar("reason", default="")


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Changes inside have this reason, should they touch a closed period."""
    token = _reason.set(reason.replace("\0", "").strip()[:LONGEST])
    try:
        yield
    finally:
        _reason.reset(token)


@contextmanager
def authored(by: User | None) -> Iterator[None]:
    """Changes inside are made by a person; None for an operator at the command line."""
    token = _author.set(by)
    try:
        yield
    finally:
        _author.reset(token)


def guard(row: models.Model, *, deleted: bool = False) -> None:
    """Refuse to write a row that would move a closed period; keep the reason where one is given.

    PermissionDenied without the permission, ValidationError (code `closed`) without a reason.
    """
    model = type(row)
    if model not in _DATED:
        return
    before = _before(row)
    after = None if deleted else _state(row)
    _guard(set(_days(model, before, after)), model)


def guard_lines(deal: Deal) -> None:
    """The same for what a closed deal sells: it parts the period's figures by product."""
    if deal.closed_at is not None:
        _guard({Company.current().calendar.business_day(deal.closed_at)}, DealLine)


def _guard(days: Collection[date], model: type[models.Model]) -> None:
    if not days:
        return
    await_closing()
    closings = list(Closing.objects.in_force().holding(days))
    if closings:
        _allow(closings)
        _keep(closings, model)


def await_closing() -> None:
    """Wait for whoever closes a period just now; the next one waits for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def hold_changes() -> None:
    """Wait for all changes of what may be closed, and keep others waiting until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _before(row: models.Model) -> Mapping[str, Any] | None:
    known = type(row)._base_manager.filter(pk=row.pk).first() if row.pk else None
    return None if known is None else _state(known)


def _state(row: models.Model) -> dict[str, Any]:
    kept = version_model(type(row))._meta.concrete_fields
    own = {field.attname for field in type(row)._meta.concrete_fields}
    state = {field.attname: getattr(row, field.attname) for field in kept if field.attname in own}
    state.pop("id", None)
    if isinstance(row, Target):
        state["last_day"] = row.end - timedelta(days=1)
    return state


def _days(
    model: type[models.Model], before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[date]:
    """The days of both states that a change between them concerns."""
    if before == after:
        return
    always, moved = _DATED[model]
    calendar = Company.current().calendar
    for name in (*always, *moved):
        values = [None if state is None else state[name] for state in (before, after)]
        if name in moved and values[0] == values[1]:
            continue
        for value in values:
            if value is not None:
                yield calendar.business_day(value) if isinstance(value, datetime) else value


def _allow(closings: list[Closing]) -> None:
    author, codes = _author.get(), ", ".join(closing.code for closing in closings)
    if author is not None and not allowed(author, Permission.EDIT_CLOSED):
        raise PermissionDenied(
            _("%(period)s is closed. Ask finance or an executive to change it.") % {"period": codes}
        )
    if not _reason.get():
        raise ValidationError(
            _("%(period)s is closed. Give a reason to change it all the same.") % {"period": codes},
            code=NEEDS_REASON,
        )


def _keep(closings: list[Closing], model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (transaction,) = cursor.fetchone()
    LateChange.objects.bulk_create(
        LateChange(
            closing=closing,
            fact=str(model._meta.model_name),
            reason=_reason.get(),
            by=_author.get(),
            transaction=transaction,
        )
        for closing in closings
    )


def guard_import(since: datetime) -> None:
    """The same for all that an import has written since its transaction began.

    ValidationError says which periods it would move; the operator may give a reason.
    """
    await_closing()
    for closing in Closing.objects.in_force():
        moved = next((model for model in _DATED if _imported(model, closing, since)), None)
        if moved is not None:
            _allow([closing])
            _keep([closing], moved)


def _imported(model: type[models.Model], closing: Closing, since: datetime) -> bool:
    calendar = Company.current().calendar
    within = models.Q(pk__in=[])
    for name in _DATED[model][0] or _DATED[model][1]:
        column = "end" if name == "last_day" else name
        is_instant = isinstance(model._meta.get_field(column), models.DateTimeField)
        start: Any = calendar.start_of(closing.start) if is_instant else closing.start
        end: Any = calendar.start_of(closing.end) if is_instant else closing.end
        within |= models.Q(**{f"{column}__gte": start, f"{column}__lt": end})
    versions = version_model(model).objects
    touched = models.Q(recorded_from__gte=since) | models.Q(valid_to=since)
    return bool(versions.filter(within & touched).exists())


def codes_of(error: ValidationError) -> set[str]:
    """What kinds of faults a refusal tells of."""
    return {str(each.code) for each in getattr(error, "error_list", []) if each.code}
