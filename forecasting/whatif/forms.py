"""What people move and write about a what-if."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forecasting.models import Scenario
from forecasting.whatif.levers import LEAST, MOST, NAMES, TODAY, Levers
from forecasting.whatif.shown import LABELS
from kpis.sharing import SharedForm


class LeverForm(forms.Form):
    """The levers in percent of today; what is left out, or wrong, is as today."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        for name in NAMES:
            self.fields[name] = forms.DecimalField(
                label=LABELS[name],
                min_value=LEAST,
                max_value=MOST,
                max_digits=4,
                decimal_places=1,
                required=False,
            )

    @property
    def levers(self) -> Levers:
        """Those that are right."""
        self.is_valid()
        said = {name: value for name, value in self.cleaned_data.items() if value is not None}
        return Levers.of(said)

    @property
    def problems(self) -> list[str]:
        """What is wrong, each by the name of its lever."""
        return [
            f"{LABELS[name]}: {' '.join(map(str, texts))}" for name, texts in self.errors.items()
        ]


class ScenarioForm(SharedForm):
    """A scenario's name, note, sharing, and levers."""

    class Meta:
        model = Scenario
        fields = ("name", "note", "team", *NAMES)
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = dict.fromkeys(NAMES, _("In percent of today: 100 changes nothing."))

    def __init__(self, data: Any = None, *, viewer: User, **options: Any) -> None:
        super().__init__(data, viewer=viewer, **options)
        for name in NAMES:
            self.fields[name].label = LABELS[name]
            self.fields[name].initial = TODAY

    @property
    def levers(self) -> Levers:
        """The levers that were sent."""
        return Levers.of({name: self.cleaned_data[name] for name in NAMES})
