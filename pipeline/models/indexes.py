"""The indexes of deals and of their versions, each with what it serves."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower

from history import infinity

OF_DEALS = [
    # Serves the search for names that begin so, whatever their case.
    models.Index(OpClass(Lower("name"), name="text_pattern_ops"), name="pipeline_deal_prefix"),
    # Serves every flow of won deals by close date and the sales cycle, without the table.
    models.Index(
        fields=["closed_at"],
        include=[
            "id",
            "owner",
            "team",
            "amount",
            "currency",
            "customer",
            "created_at",
            "first_contact_at",
        ],
        condition=Q(outcome="won"),
        name="pipeline_deal_won",
    ),
    # Serves win rates, which need won and lost deals together, without the table.
    models.Index(
        fields=["closed_at"],
        include=[
            "id",
            "outcome",
            "owner",
            "team",
            "amount",
            "currency",
            "lost_reason",
            "customer",
        ],
        condition=Q(closed_at__isnull=False),
        name="pipeline_deal_closed",
    ),
    # Serves new deals of a period, without the table.
    models.Index(
        fields=["created_at"],
        include=["id", "owner", "team", "outcome", "lost_reason"],
        name="pipeline_deal_created",
    ),
    # Serve the flows of some people, as after an edit, without the table: few of a period's deals
    # are theirs.
    models.Index(
        fields=["owner", "created_at"],
        include=["id", "team", "outcome", "lost_reason"],
        name="pipeline_deal_owner_created",
    ),
    models.Index(
        fields=["owner", "closed_at"],
        include=["id", "outcome", "team", "amount", "currency", "lost_reason", "customer"],
        condition=Q(closed_at__isnull=False),
        name="pipeline_deal_owner_closed",
    ),
    # Serves open pipeline, the board and coverage.
    models.Index(
        fields=["team", "stage", "expected_close"],
        include=["owner", "amount", "currency"],
        condition=Q(outcome="open"),
        name="pipeline_deal_open_team",
    ),
    models.Index(
        fields=["owner", "expected_close"],
        condition=Q(outcome="open"),
        name="pipeline_deal_open_owner",
    ),
    # Serves first wins and what a customer bought before, without the table.
    models.Index(
        fields=["customer", "closed_at", "id"],
        condition=Q(outcome="won"),
        name="pipeline_deal_purchases",
    ),
    # Serve data faults, of which there are few among many deals.
    models.Index(fields=["id"], condition=Q(amount__isnull=True), name="pipeline_deal_amountless"),
    models.Index(
        fields=["id"],
        condition=Q(outcome="open", stage_since__isnull=True),
        name="pipeline_deal_undated",
    ),
    models.Index(
        fields=["id"],
        condition=Q(closed_at__lt=Coalesce("first_contact_at", "created_at")),
        name="pipeline_deal_closed_early",
    ),
]

OF_PAST_DEALS = (
    # Serves win rates as of an instant, without the table.
    models.Index(
        fields=["closed_at"],
        include=[
            "valid_from",
            "valid_to",
            "row",
            "outcome",
            "owner",
            "team",
            "amount",
            "currency",
            "lost_reason",
        ],
        condition=Q(closed_at__isnull=False, deleted=False, recorded_to=infinity()),
        name="pipeline_deal_version_closed",
    ),
    # Serves what was won and how long it took as of an instant, without the table.
    models.Index(
        fields=["closed_at"],
        include=[
            "valid_from",
            "valid_to",
            "row",
            "owner",
            "team",
            "amount",
            "currency",
            "customer",
            "created_at",
            "first_contact_at",
        ],
        condition=Q(outcome="won", deleted=False, recorded_to=infinity()),
        name="pipeline_deal_version_won",
    ),
    # Serves the open pipeline as of an instant, without the table.
    models.Index(
        fields=["valid_to", "valid_from"],
        include=[
            "id",
            "row",
            "owner",
            "team",
            "stage",
            "category",
            "amount",
            "currency",
            "expected_close",
            "probability",
        ],
        condition=Q(outcome="open", deleted=False, recorded_to=infinity()),
        name="pipeline_deal_version_open",
    ),
    # Serves what began in a period: stages reached, and how long visits usually last.
    models.Index(
        fields=["valid_from"],
        condition=Q(deleted=False, recorded_to=infinity()),
        name="pipeline_deal_version_began",
    ),
    # Serves to leave out what deals went through that were deleted.
    models.Index(
        fields=["row"],
        condition=Q(deleted=True, recorded_to=infinity()),
        name="pipeline_deal_version_gone",
    ),
    # Serves which deals have another past now than was known once: live changes are not in it.
    models.Index(
        fields=["recorded_from"],
        condition=Q(valid_from__lt=F("recorded_from"), recorded_to=infinity()),
        name="pipeline_deal_version_late",
    ),
)
