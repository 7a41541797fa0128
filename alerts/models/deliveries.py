"""One mail to one person about one transition or notice."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from alerts.models.incidents import Transition
from alerts.models.notices import Notice


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    WITHHELD = "withheld", _("Withheld")
    """The recipient may not open the figure any more."""


UNDER_WAY = (DeliveryState.PENDING, DeliveryState.SENDING)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, at: datetime) -> Self:
        """Those to be sent now, the most patient first; a recovery not before its opening.

        One that is being sent falls due again when its lease ends: its sender has died.
        """
        earlier = Delivery.objects.filter(
            state__in=UNDER_WAY,
            recipient=OuterRef("recipient"),
            transition__incident=OuterRef("transition__incident"),
            pk__lt=OuterRef("pk"),
        )
        due = self.filter(~Exists(earlier), state__in=UNDER_WAY, next_attempt_at__lte=at)
        return due.order_by("next_attempt_at", "pk")


class Delivery(models.Model):
    """While it is being sent, `next_attempt_at` is the end of the sender's lease."""

    transition = models.ForeignKey(Transition, models.CASCADE, null=True, related_name="deliveries")
    notice = models.ForeignKey(Notice, models.CASCADE, null=True, related_name="deliveries")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("recipient")
    )
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["transition", "recipient"], name="alerts_delivery_once_a_recipient"
            ),
            models.UniqueConstraint(
                fields=["notice", "recipient"], name="alerts_delivery_of_a_notice_once"
            ),
            models.CheckConstraint(
                condition=Q(transition__isnull=False, notice__isnull=True)
                | Q(transition__isnull=True, notice__isnull=False),
                name="alerts_delivery_is_about_one",
            ),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="alerts_delivery_state_is_known"
            ),
        ]
        indexes = [
            # What is due: few rows, however many were ever sent.
            models.Index(
                "next_attempt_at",
                "id",
                condition=Q(state__in=UNDER_WAY),
                name="alerts_delivery_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transition_id or self.notice} → {self.recipient_id} {self.state}"

    @property
    def about(self) -> Transition | Notice:
        """What the mail tells."""
        found = self.transition or self.notice
        assert found is not None
        return found
