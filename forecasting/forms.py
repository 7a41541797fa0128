"""What people fill in about forecasts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import DecimalValidator, MinValueValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from charts.numbers import Unit
from forecasting.actions.calls import Change
from forecasting.models import Column
from forecasting.models.calls import LONGEST_NOTE
from kpis.typed import read_number, typed
from pipeline.forms.editing import DAY, FactForm
from pipeline.models import Category, Deal


class AmountField(forms.Field):
    """Money as people type it, 12억 5,000만 or 12.5M: a Decimal of at least zero."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[MinValueValidator(0), DecimalValidator(20, 2)], **options)

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        return read_number(text, Unit.MONEY) if text else None

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays; a figure is written as it would be typed."""
        known = isinstance(value, Decimal)
        return typed(value, Unit.MONEY, language=get_language() or "en") if known else value


class CallForm(forms.Form):
    """Both figures at once; what an action refuses is said at its fields."""

    commit = AmountField(label=Column.COMMIT.label)
    best_case = AmountField(label=Column.BEST_CASE.label)

    def refuse(self, error: ValidationError) -> None:
        """Show what an action said, at its fields where the form has them."""
        by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, messages in by_field.items():
            field = name if name in self.fields and name != NON_FIELD_ERRORS else None
            for message in messages:
                self.add_error(field, message)


class SubmitForm(CallForm):
    """A person's own forecast."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What would your lead want to know?"),
    )


class AdjustForm(CallForm):
    """A lead's figures in place of a member's; one that is left empty stays as it is called."""

    commit = AmountField(label=Column.COMMIT.label, required=False)
    best_case = AmountField(label=Column.BEST_CASE.label, required=False)
    commit_number = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    best_case_number = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 2})
    )
    take_back = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        empty = all(found.get(column.value) is None for column in Column)
        if empty and not found.get("take_back") and not self.errors:
            raise ValidationError(_("Enter your own figure."))
        return found

    def changes(self, standing: dict[Column, Decimal | None]) -> dict[Column, Change]:
        """What is said anew, against the adjustments that stand."""
        found: dict[Column, Change] = {}
        for column in Column:
            number = self.cleaned_data[f"{column.value}_number"]
            value = self.cleaned_data.get(column.value)
            if self.cleaned_data.get("take_back"):
                if standing[column] is not None:
                    found[column] = Change(None, number)
            elif value is not None:
                found[column] = Change(value, number)
        moved = {each: change for each, change in found.items() if change.value != standing[each]}
        # What stands is sent along with what is new; sent alone, it is said once more.
        return moved or found


class InPlaceForm(FactForm):
    """What a forecast is made of, edited beside it."""

    class Meta:
        model = Deal
        fields = ("category", "amount", "expected_close")
        widgets: ClassVar[dict[str, Any]] = {"expected_close": DAY}

    def __init__(self, data: Any = None, *, instance: Any = None, **options: Any) -> None:
        super().__init__(data, instance=instance, auto_id=f"id_{instance.pk}_%s", **options)
        category = self.fields["category"]
        assert isinstance(category, forms.ChoiceField)
        stages = Category(instance.stage.category).label
        category.choices = [
            ("", _("%(category)s (stage's)") % {"category": stages}),
            *((key, label) for key, label in Category.choices if key != Category.CLOSED),
        ]


def initial_amount(value: Decimal | None) -> Decimal | None:
    """A figure as its field shows it."""
    return None if value is None or value.is_nan() else value
