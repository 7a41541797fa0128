"""What-ifs that people keep: levers under a name, for oneself or for a team."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from forecasting.whatif.levers import LEAST, MOST, NAMES, TODAY, Levers
from kpis.models.saved_views import shared_with
from pipeline.models.fact import Fact


def _lever(name: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(
        name,
        max_digits=4,
        decimal_places=1,
        default=TODAY,
        validators=[MinValueValidator(LEAST), MaxValueValidator(MOST)],
    )


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def visible_to(self, viewer: User) -> Self:
        """One's own, and those shared with a team that one belongs to or looks after."""
        return self.filter(shared_with(viewer), deleted_at=None)

    def for_listing(self) -> Self:
        """With what a line of a list shows, by name."""
        return self.select_related("owner", "team").order_by("name", "pk")


class Scenario(Fact):
    """Levers for the period of a scope, in percent of today's rates; no figures are kept.

    Whoever opens a shared one sees it with their own rights. `team` None: for its owner alone.
    A deleted one is kept, so that it can be had back.
    """

    name = models.CharField(_("name"), max_length=120)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    scope = models.CharField(_("scope"), max_length=120, editable=False)
    period = models.CharField(_("period"), max_length=30, editable=False)
    win_rate = _lever(_("win rate"))
    deal_size = _lever(_("deal size"))
    cycle = _lever(_("sales cycle"))
    leads = _lever(_("lead volume"))
    churn = _lever(_("churn"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="scenarios", editable=False
    )
    team = models.ForeignKey(
        Team,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("shared with"),
    )
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=Q(deleted_at=None),
                name="forecasting_scenario_once",
                violation_error_message=_("You have a scenario of this name already."),
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__gte": LEAST, f"{name}__lte": MOST}),
                    name=f"forecasting_scenario_{name}",
                )
                for name in NAMES
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def levers(self) -> Levers:
        """What it moves."""
        values: dict[str, Decimal] = {name: getattr(self, name) for name in NAMES}
        return Levers.of(values)
