"""What every version table has in common."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Cast, Now

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


def infinity() -> Combinable:
    """The end of a span that has not ended, as SQL: drivers cannot carry it as a datetime."""
    return Cast(models.Value("infinity"), models.DateTimeField())


class VersionQuerySet(models.QuerySet[Any]):
    """Reads past states. Tombstones of deleted rows are left out of every instant."""

    def at(self, as_of: datetime, *, known_at: datetime | None = None) -> Self:
        """The state effective at `as_of`, by what is known now or was known at `known_at`."""
        held = self.recorded(known_at)
        return held.filter(valid_from__lte=as_of, valid_to__gt=as_of, deleted=False)

    def recorded(self, known_at: datetime | None = None) -> Self:
        """Every version of what is held to be true today, or was at `known_at`."""
        if known_at is None:
            return self.filter(recorded_to=infinity())
        # Said in two, so that each is found by its own index: the second are few.
        held, corrected = Q(recorded_to=infinity()), Q(recorded_to__lt=infinity())
        known = Q(recorded_from__lte=known_at) & (held | corrected & Q(recorded_to__gt=known_at))
        return self.filter(known)

    def nearest(self, as_of: Any) -> Self:
        """The version effective at `as_of` first; where that lies before all, the earliest.

        For rows that others refer to: work may be older than the record of its customer.
        """
        begun = Case(When(valid_from__lte=as_of, then=F("valid_from")))
        return self.alias(begun=begun).order_by(F("begun").desc(nulls_last=True), "valid_from")

    def known(self) -> Self:
        """Every version of what is held to be true today, oldest first."""
        return self.recorded().order_by("valid_from")


class Version(models.Model):
    """One state of one row: effective in [valid_from, valid_to), held true in the recorded span."""

    id = models.BigAutoField(primary_key=True)
    row_id: int
    valid_from = models.DateTimeField(db_default=Now())
    valid_to = models.DateTimeField(db_default=infinity())
    recorded_from = models.DateTimeField(db_default=Now())
    recorded_to = models.DateTimeField(db_default=infinity())
    deleted = models.BooleanField(db_default=False)
    changed_by = models.BigIntegerField(null=True)
    transaction = models.BigIntegerField(db_default=0)

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True
