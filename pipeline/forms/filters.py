"""The filters of the board and the deal list, as their query strings state them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.scope import visible_people
from pipeline.models import DealKind, Outcome, Source, Stage


class Closing(TextChoices):
    IN_PERIOD = "period", _("In the period shown")
    OVERDUE = "overdue", _("Overdue")
    UNDATED = "none", _("No date yet")


class FilterForm(forms.Form):
    """A form of a query string: what it does not understand it passes over."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search")}),
    )

    def chosen(self) -> dict[str, Any]:
        """The valid choices, those that are not made left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chosen())


class DealFilterForm(FilterForm):
    """Narrows deals by what is on their cards."""

    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    source = forms.ModelChoiceField(Source.objects.all(), label=_("Source"), required=False)
    closing = forms.ChoiceField(label=_("Expected close"), required=False)

    def __init__(self, data: Any, *, viewer: User) -> None:
        super().__init__(data)
        offer(self, "kind", _("Every kind"), DealKind.choices)
        offer(self, "closing", _("Any close date"), Closing.choices)
        name_empty(self, "owner", _("Every owner"))
        name_empty(self, "source", _("Every source"))
        self._people(viewer)

    def _people(self, viewer: User) -> None:
        people = visible_people(viewer).filter(is_active=True)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = people

    def dimensions(self) -> tuple[tuple[str, str], ...]:
        """The choices that measures know, as their filters."""
        chosen = self.chosen()
        named = {
            "rep": chosen["owner"].pk if "owner" in chosen else "",
            "kind": chosen.get("kind", ""),
            "source": chosen["source"].pk if "source" in chosen else "",
        }
        return tuple((name, str(value)) for name, value in named.items() if value)

    def condition(self, *, today: date) -> Q:
        """The choices that measures do not know."""
        chosen = self.chosen()
        return _searched(chosen.get("q", "")) & _closing(chosen.get("closing", ""), today)


class DealListForm(DealFilterForm):
    """The board's filters, and those that only a list of all deals needs."""

    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    stage = forms.ModelChoiceField(
        Stage.objects.select_related("process"), label=_("Stage"), required=False
    )

    def __init__(self, data: Any, *, viewer: User) -> None:
        super().__init__(data, viewer=viewer)
        offer(self, "outcome", _("Open and closed"), Outcome.choices)
        name_empty(self, "stage", _("Every stage"))


def offer(form: forms.Form, name: str, empty: Any, choices: Any) -> None:
    """Let a choice be made among these, or none, which is called `empty`."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", empty), *choices]


def name_empty(form: forms.Form, name: str, empty: Any) -> None:
    """What a choice of rows is called while none is chosen."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.empty_label = empty


def _searched(text: str) -> Q:
    if not text:
        return Q()
    return Q(name__icontains=text) | Q(customer__name__icontains=text)


def _closing(choice: str, today: date) -> Q:
    if choice == Closing.OVERDUE:
        return Q(expected_close__lt=today)
    return Q(expected_close__isnull=True) if choice == Closing.UNDATED else Q()
