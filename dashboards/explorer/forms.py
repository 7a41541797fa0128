"""What people write about a saved view."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from accounts.scope import known_teams
from kpis.models import SavedView
from pipeline.forms.editing import FactForm


class SavedViewForm(FactForm):
    """A name, and the team that the view is shared with, if any."""

    class Meta:
        model = SavedView
        fields = ("name", "team")

    def __init__(self, data: Any = None, *, viewer: User, **options: Any) -> None:
        super().__init__(data, **options)
        team = self.fields["team"]
        assert isinstance(team, forms.ModelChoiceField)
        team.queryset = Team.objects.filter(pk__in=[each.pk for each in known_teams(viewer)])
        team.empty_label = _("Only me")


class NewViewForm(SavedViewForm):
    """The same for a view to be kept: `state` is the query string of what it shows."""

    state = forms.CharField(widget=forms.HiddenInput, required=False)
