"""What finance fills in about contracts."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from pipeline.forms.editing import DAY, FactForm
from pipeline.models import Contract, Deal


class ContractForm(FactForm):
    """A customer's contract: how long, for how much, and when that is recognised."""

    class Meta:
        model = Contract
        fields = (
            "plan",
            "deal",
            "start",
            "end",
            "value",
            "monthly_price",
            "currency",
            "billing",
            "schedule",
            "signed_on",
            "delivered_on",
            "auto_renew",
            "term_months",
            "renews",
            "is_trial",
        )
        widgets: ClassVar[dict[str, Any]] = dict.fromkeys(
            ("start", "end", "signed_on", "delivered_on"), DAY
        )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        theirs = {"customer": self.instance.customer_id}
        others = Contract.objects.filter(**theirs).exclude(pk=self.instance.pk)
        for name, rows in (("deal", Deal.objects.filter(**theirs)), ("renews", others)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows.order_by("-pk")
