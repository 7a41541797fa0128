"""Targets: the value of a KPI that a scope must reach in a period."""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Team, User
from accounts.scope import Scope, ScopedQuerySet, ScopeKind, reach
from history import touching, versioned
from pipeline.models.fact import Fact
from pipeline.models.holding import held


def set_within(team_ids: Collection[int]) -> Q:
    """Targets of people who belonged to one of the teams in the time that they are for."""
    belonged = Membership.objects.within(OuterRef("start"), OuterRef("end"))
    return Q(Exists(belonged.filter(user=OuterRef("user"), team__in=team_ids)))


class TargetQuerySet(ScopedQuerySet):
    owner_column = "user"

    def visible_to(self, viewer: User) -> Self:
        """The company's to those who see it, else those of one's scopes."""
        mine = reach(viewer)
        if mine.everything:
            return self.all()
        return self.filter(mine.covers(owner="user", team="team") | set_within(mine.team_ids))

    def of(self, scope: Scope) -> Self:
        """A scope's own rows; a team's target is never the sum of its reps'."""
        return self.filter(
            team=scope.id if scope.kind is ScopeKind.TEAM else None,
            user=scope.id if scope.kind is ScopeKind.USER else None,
        )

    def under(self, scope: Scope) -> Self:
        """A scope's rows and those of every scope below it."""
        if scope.kind is ScopeKind.COMPANY:
            return self.all()
        if scope.kind is ScopeKind.TEAM:
            return self.filter(Q(team__in=scope.team_ids) | set_within(scope.team_ids))
        return self.filter(user=scope.id)


@held
@touching()
@versioned("kpi", "team", "user", "start", "end", "value", "filters", "weight", "parent")
class Target(Fact):
    """For the company where neither team nor person is named. Money is in its currency."""

    kpi = models.CharField(_("KPI"), max_length=60)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="targets", verbose_name=_("team")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
        verbose_name=_("person"),
    )
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), help_text=_("The day after the last."))
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=6)
    filters = models.JSONField(_("filters"), default=dict, blank=True)
    weight = models.DecimalField(_("weight"), max_digits=6, decimal_places=2, default=1)
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("contributes to"),
    )

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["-start", "kpi", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=F("start")), name="pipeline_target_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=True) | Q(user__isnull=True),
                name="pipeline_target_has_one_scope",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0) & Q(weight__gte=0),
                name="pipeline_target_not_negative",
            ),
            models.UniqueConstraint(
                fields=["kpi", "team", "user", "start", "end", "filters"],
                name="pipeline_target_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.start}"
