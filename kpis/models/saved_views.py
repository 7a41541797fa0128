"""Views of figures that people keep: a question under a name, for oneself or for a team."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from accounts.roles import allowed
from accounts.scope import Reach, reach
from kpis.registry import all_kpis
from pipeline.models.fact import Fact

LONGEST_QUERY = 2000


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, viewer: User) -> Self:
        """One's own, and those shared with a team that one belongs to or looks after.

        Not those of KPIs that the viewer may not see.
        """
        kpis = all_kpis().values()
        hidden = [kpi.key for kpi in kpis if kpi.needs and not allowed(viewer, kpi.needs)]
        return self.filter(shared_with(viewer)).exclude(kpi__in=hidden)

    def for_listing(self) -> Self:
        """With what a line of a list shows, by name."""
        return self.select_related("owner", "team").order_by("name", "pk")


def shared_with(viewer: User) -> Q:
    """The filter for what a person owns (`owner`), or what is shared with a team (`team`) that
    they belong to or look after."""
    mine = reach(viewer)
    shared = Q(team__isnull=False) if mine.everything else Q(team__in=_teams(mine))
    return Q(owner=viewer) | shared


def _teams(mine: Reach) -> set[int]:
    """The viewer's teams, those above them, and those that the viewer sees."""
    found, waiting = set(mine.team_ids), list(mine.own_team_ids)
    while waiting:
        team = mine.tree.teams[waiting.pop()]
        found.add(team.pk)
        if team.parent_id is not None:
            waiting.append(team.parent_id)
    return found


class SavedView(Fact):
    """What is asked of a KPI, as its page's query string states it; no figures are kept.

    Whoever opens a shared view sees it with their own rights. `team` None: for its owner alone.
    """

    name = models.CharField(_("name"), max_length=120)
    kpi = models.CharField(_("KPI"), max_length=60, editable=False)
    query = models.CharField(max_length=LONGEST_QUERY, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", editable=False
    )
    team = models.ForeignKey(
        Team,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("shared with"),
    )

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="kpis_savedview_once",
                violation_error_message=_("You have a view of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
