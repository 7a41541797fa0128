"""What all actions share: the transaction, the author, and the check for stale edits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Permission, require
from history import recorded_by
from pipeline.actions.closed import reasoned, refusals_told
from pipeline.models.fact import Fact
from pipeline.signals import facts_changed

FactT = TypeVar("FactT", bound=Fact)


class Stale(Exception):
    """Somebody else changed the row since it was read; `current` is how it stands now."""

    def __init__(self, current: Fact) -> None:
        super().__init__(str(_("Somebody else changed this meanwhile.")))
        self.current = current


@contextmanager
def changing(*, by: User | None, needs: Permission = Permission.WORK_DEALS) -> Iterator[None]:
    """One atomic change in a person's name; says after commit that facts have changed.

    PermissionDenied if the person's role does not allow it; that or ReasonNeeded where the change
    would move a closed period. `by` is None for an operator at the command line, who may do
    anything and is nobody in particular.
    """
    if by is not None:
        require(by, needs)
    with refusals_told(by), transaction.atomic():
        with recorded_by(by.pk if by else None), reasoned(by):
            yield
        transaction.on_commit(announce)


def announce() -> None:
    """Tell the layers above that there are new marks."""
    facts_changed.send(sender=None)


def locked(row: FactT, *, revision: int) -> FactT:
    """The row as it stands, locked until commit. Stale if it is not at `revision` any more.

    Http404 if it was deleted meanwhile.
    """
    current = type(row)._base_manager.select_for_update().filter(pk=row.pk).first()
    if current is None:
        raise Http404
    if current.revision != revision:
        raise Stale(current)
    return current


def apply(row: Fact, changes: Mapping[str, Any], *, editable: Collection[str]) -> None:
    """Set the named fields. ValidationError for one that may not be edited this way."""
    for name, value in changes.items():
        if name not in editable:
            raise ValidationError({name: _("This field cannot be changed here.")})
        setattr(row, name, value)


def save(row: FactT) -> FactT:
    """Validate and write a row as its next revision (a new row as its first)."""
    if row.pk is not None:
        row.revision += 1
    row.full_clean(validate_constraints=True)
    row.save()
    return row
