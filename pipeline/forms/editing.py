"""Forms that write facts through actions, and tell two versions of a fact apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from pipeline.models.fact import Fact

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
OPTIONS = 50
PERCENT = Decimal(100)
# What Django calls a choice that is not made.
UNNAMED = "---------"
LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Difference:
    """A field that two people wrote differently, as people read it."""

    field: Any
    yours: str
    theirs: str


class PercentField(forms.DecimalField):
    """A share that people type as a percentage: 40 is kept as 0.4."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=5, decimal_places=4, **options)
        wrong = _("Enter a percentage from 0 to 100.")
        self.validators += [MinValueValidator(0, wrong), MaxValueValidator(1, wrong)]
        self.widget.attrs.update(min=0, max=100, step="any")

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        return None if typed is None else typed / PERCENT

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays as it is; a kept share is shown as its percentage."""
        return without_zeros(value * PERCENT) if isinstance(value, Decimal) else value


class FactForm(forms.ModelForm):  # type: ignore[type-arg] # each form names its own model
    """A form that remembers which revision it was filled from.

    It never saves: `changes` go to an action. The row that it is given stays as it was read.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, instance: Any = None, **options: Any) -> None:
        super().__init__(data, instance=instance, **options)
        if instance is not None and instance.pk:
            self.initial["revision"] = instance.revision
        for name, field in self.fields.items():
            if isinstance(field, forms.DecimalField) and name in self.initial:
                self.initial[name] = without_zeros(self.initial[name])
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == UNNAMED:
                field.empty_label = "–"
            elif isinstance(field, forms.TypedChoiceField):
                field.choices = [(key, label if key else "–") for key, label in choices_of(field)]

    def _post_clean(self) -> None:
        """The action validates the row: a form that did so here would have changed it first."""

    def changes(self) -> dict[str, Any]:
        """What was changed, by field; of a new row everything that was filled in."""
        names = self.changed_data if self.instance.pk else self.cleaned_data
        return {name: self.cleaned_data[name] for name in names if name in self._written()}

    def _written(self) -> list[str]:
        """The model's fields that this form shows."""
        return [name for name in self._meta.fields or () if name in self.fields]

    def refuse(self, error: ValidationError) -> None:
        """Show what an action said, at its fields where the form has them."""
        by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, messages in by_field.items():
            field = name if name in self.fields else None
            self.add_error(None if name == NON_FIELD_ERRORS else field, messages)

    def meet(self, current: Fact) -> list[Difference]:
        """Build on the present row: what was typed stays, the differences are told."""
        self.build_on(current)
        pairs = [(name, self.cleaned_data.get(name)) for name in self._written()]
        told = [self._difference(current, name, value) for name, value in pairs]
        return [difference for difference in told if difference.yours != difference.theirs]

    def build_on(self, current: Fact) -> None:
        """Sent again, the form changes the present row."""
        self.data = {**self.data.dict(), "revision": str(current.revision)}  # type: ignore[attr-defined] # a query dict

    def _difference(self, current: Fact, name: str, value: Any) -> Difference:
        field = self.fields[name]
        theirs = written(field, getattr(current, name))
        return Difference(field.label, written(field, value), theirs)


def written(field: forms.Field, value: Any) -> str:
    """A field's value for people: a choice by its label, an amount without needless zeros."""
    if value in (None, ""):
        return "–"
    if isinstance(field, forms.TypedChoiceField):
        labels = {str(key): str(label) for key, label in choices_of(field)}
        return labels.get(str(value), str(value))
    if isinstance(field, PercentField):
        return f"{field.prepare_value(value)} %"
    if isinstance(value, Decimal):
        return f"{without_zeros(value):,}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def choices_of(field: forms.ChoiceField) -> list[tuple[Any, Any]]:
    """A field's choices as pairs of a value and its label."""
    return list(field.choices)  # type: ignore[arg-type] # may be lazy


def without_zeros(value: Any) -> Any:
    """A decimal as people would type it: 1000000, not 1000000.00."""
    if not isinstance(value, Decimal):
        return value
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()


def offer_some(field: Any, rows: QuerySet[Any], chosen: Any, empty: Any) -> None:
    """Accept any of `rows`, but list only the first ones and the chosen one: there may be many."""
    field.queryset = rows
    first = list(rows.order_by("name", "pk")[:OPTIONS])
    listed = _with_chosen(first, rows, chosen)
    field.widget.choices = [("", empty), *((row.pk, str(row)) for row in listed)]


def _with_chosen(first: list[Model], rows: QuerySet[Any], chosen: Any) -> list[Model]:
    known = {str(row.pk) for row in first}
    key = row_number(str(chosen or ""))
    return first if key is None or str(key) in known else [*rows.filter(pk=key), *first]


def row_number(text: str) -> int | None:
    """The row that a query string names; None where it names none."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None
