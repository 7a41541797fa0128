"""What people write about a saved view."""

from __future__ import annotations

from django import forms

from kpis.models import SavedView
from kpis.sharing import SharedForm


class SavedViewForm(SharedForm):
    """A name, and the team that the view is shared with, if any."""

    class Meta:
        model = SavedView
        fields = ("name", "team")


class NewViewForm(SavedViewForm):
    """The same for a view to be kept: `state` is the query string of what it shows."""

    state = forms.CharField(widget=forms.HiddenInput, required=False)
