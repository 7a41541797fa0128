"""What changes left behind for whoever keeps figures that derive from facts."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Touched(models.Model):
    """Written by the triggers of `touching`; taken away by the drain that acts on it."""

    id = models.BigAutoField(primary_key=True)
    fact = models.CharField(max_length=40)
    owner_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    instants = ArrayField(models.DateTimeField(), default=list)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.fact} {self.owner_id} {self.team_id}"


class ImportedDeletion(models.Model):
    """A row that an import deleted: its past is kept under its id, and it may come back."""

    fact = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    row_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fact", "external_id"], name="pipeline_imported_deletion_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.external_id}"
