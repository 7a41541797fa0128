"""What is kept for oneself or shared with a team, as people fill it in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from accounts.scope import known_teams
from pipeline.forms.editing import FactForm


class SharedForm(FactForm):
    """A form with a `team`: one of those that the viewer may share with, or none."""

    def __init__(self, data: Any = None, *, viewer: User, **options: Any) -> None:
        super().__init__(data, **options)
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset = Team.objects.filter(pk__in=[each.pk for each in known_teams(viewer)])
        team.empty_label = _("Only me")
