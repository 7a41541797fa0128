"""What people say about figures and goals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from accounts.roles import allowed
from accounts.scope import Scope, ScopeKind, reach
from kpis.registry import all_kpis
from periods import Period
from pipeline.models.fact import Fact
from pipeline.models.targets import set_within

LONGEST = 4000


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, viewer: User) -> Self:
        """Those on scopes that the viewer sees, and on KPIs that their role opens."""
        kpis = all_kpis().values()
        hidden = [kpi.key for kpi in kpis if kpi.needs and not allowed(viewer, kpi.needs)]
        mine, rows = reach(viewer), self.exclude(kpi__in=hidden)
        if mine.everything:
            return rows
        return rows.filter(mine.covers(owner="user", team="team") | set_within(mine.team_ids))

    def of_scope(self, scope: Scope) -> Self:
        """Those on a scope's own figures."""
        return self.filter(
            team=scope.id if scope.kind is ScopeKind.TEAM else None,
            user=scope.id if scope.kind is ScopeKind.USER else None,
        )

    def of(self, scope: Scope, period: Period) -> Self:
        """Those on a scope's own figures of a period."""
        return self.of_scope(scope).filter(start=period.start, end=period.end)

    def on(self, kpi: str, scope: Scope, period: Period, filters: Mapping[str, str]) -> Self:
        """Those on one figure, oldest first; `kpi` "" is a scorecard as a whole."""
        said = self.of(scope, period).filter(kpi=kpi, filters=dict(filters))
        return said.select_related("author").order_by("created_at", "pk")


class Comment(Fact):
    """On a figure: a KPI of a scope and period; a goal for just that shows it, too.

    `kpi` is "" where it is about all of a scope's goals together.
    """

    kpi = models.CharField(_("KPI"), max_length=60, blank=True, editable=False)
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="+", editable=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    start = models.DateField(editable=False)
    end = models.DateField(editable=False)
    filters = models.JSONField(default=dict, blank=True, editable=False)
    text = models.TextField(_("comment"), max_length=LONGEST)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="comments", editable=False
    )
    created_at = models.DateTimeField(editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=F("start")), name="kpis_comment_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=True) | Q(user__isnull=True),
                name="kpis_comment_has_one_scope",
            ),
        ]
        # Those of a figure, and of a scorecard.
        indexes = [models.Index(fields=["start", "end", "kpi"], name="kpis_comment_figure")]

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_edited(self) -> bool:
        return self.revision > 1
