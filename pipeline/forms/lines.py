"""What people fill in about what a deal sells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pipeline.actions.lines import Line
from pipeline.forms.editing import without_zeros
from pipeline.models import Deal, DealLine, Product

EMPTY_ROWS = 3


class LineForm(forms.Form):
    """One row; a row without a product is none."""

    product = forms.ModelChoiceField(
        Product.objects.none(), label=_("Product"), required=False, empty_label="–"
    )
    quantity = forms.DecimalField(
        label=_("Quantity"), min_value=0, max_digits=12, decimal_places=2, required=False
    )
    amount = forms.DecimalField(
        label=_("Amount"), min_value=0, max_digits=18, decimal_places=2, required=False
    )

    def __init__(self, *args: Any, products: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        product = self.fields["product"]
        assert isinstance(product, forms.ModelChoiceField)
        product.queryset = products
        self.fields["quantity"].widget.attrs["step"] = "any"

    def clean_quantity(self) -> Any:
        """One, where nothing is said; of nothing there is no line."""
        quantity = self.cleaned_data["quantity"]
        if quantity == 0:
            raise ValidationError(_("Enter more than zero, or take the product away."))
        return Decimal(1) if quantity is None else quantity


class LinesForm(forms.BaseFormSet):  # type: ignore[type-arg] # generic for the checker alone
    """All rows of a deal, and some empty ones."""

    def lines(self) -> list[Line]:
        """What a valid form says that the deal sells."""
        rows = [row.cleaned_data for row in self.forms if row.cleaned_data.get("product")]
        return [Line(row["product"], row["quantity"], row["amount"]) for row in rows]


def lines_form(deal: Deal, data: Any = None) -> LinesForm:
    """The form of a deal's lines; products no longer on sale stay where they are sold already."""
    sold = list(deal.lines.all())
    offered = Q(is_active=True) | Q(pk__in=[line.product_id for line in sold])
    made = forms.formset_factory(LineForm, formset=LinesForm, extra=EMPTY_ROWS)
    options = {"products": Product.objects.filter(offered)}
    form = made(data, initial=[_shown(line) for line in sold], form_kwargs=options)
    return cast(LinesForm, form)


def _shown(line: DealLine) -> dict[str, Any]:
    return {
        "product": line.product_id,
        "quantity": without_zeros(line.quantity),
        "amount": without_zeros(line.amount),
    }
