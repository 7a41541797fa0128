"""Stored values: what additive measures come to in each month and week, kept beside the facts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Team


class Unit(models.TextChoices):
    """Whole spans that values are stored for; longer periods are sums of them."""

    MONTH = "month"
    WEEK = "week"


class Level(models.TextChoices):
    """What a stored row is about: one owner within one team, a team, or the company."""

    LEAF = "leaf"
    TEAM = "team"
    COMPANY = "company"


def _value() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=38, decimal_places=12, null=True)


class StoredValue(models.Model):
    """The measures of one unit at one level; a column is named for its measure.

    Null where the measure has no rows. Teams do not include those below them, so that the rows
    hold however the tree changes; a null team or owner is work credited to none.
    """

    id = models.BigAutoField(primary_key=True)
    level = models.CharField(max_length=7, choices=Level.choices)
    unit = models.CharField(max_length=5, choices=Unit.choices)
    start = models.DateField()
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    won_deals = _value()
    won_amount = _value()
    resolved_deals = _value()
    resolved_amount = _value()
    new_deals = _value()
    new_real_deals = _value()
    created_and_won = _value()
    first_wins = _value()
    leads_created = _value()
    leads_converted = _value()
    acquisition_cost = _value()

    class Meta:
        constraints = [
            # Serves every reading of a company or team, and each update.
            models.UniqueConstraint(
                fields=["level", "unit", "start", "team", "owner"],
                nulls_distinct=False,
                name="kpis_storedvalue_once",
            ),
        ]
        indexes = [
            # Serves the readings of one person.
            models.Index(
                fields=["owner", "unit", "start"],
                condition=Q(level=Level.LEAF),
                name="kpis_storedvalue_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.unit} {self.start}"


class StoredUnit(models.Model):
    """That the stored values of a unit are complete; without this row they are not read.

    `definition` says by which SQL they were made: values of another one are out of date.
    """

    id = models.BigAutoField(primary_key=True)
    unit = models.CharField(max_length=5, choices=Unit.choices)
    start = models.DateField()
    definition = models.CharField(max_length=64)
    filled_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "start"], name="kpis_storedunit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.start}"


class Recalled(models.Model):
    """What a measure came to in one reading, whole or split, until a change may have moved it.

    `key` names measure, reading, split and code; `cells` are its values by part, as JSON. It
    holds from `at` on, to the end of the day that is part of the key. It rests on `facts`: a
    change to one of them takes it away. Of the fact `own` only some rows matter: those of
    `owner_id`, and those dated within [`starts_at`, `ends_at`), where these are not null.
    """

    key = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField()
    cells = models.TextField()
    facts = ArrayField(models.CharField(max_length=40))
    own = models.CharField(max_length=40)
    owner_id = models.BigIntegerField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key


class Drains(models.Model):
    """How often marks were drained: what was read before another drain is not kept after it."""

    id = models.SmallIntegerField(primary_key=True)
    number = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.number)
