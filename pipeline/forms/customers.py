"""What people fill in about customers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Permission, allowed
from pipeline.forms.deals import assignable
from pipeline.forms.editing import FactForm
from pipeline.forms.filters import FilterForm, offer
from pipeline.models import Customer, SizeBand


class CustomerForm(FactForm):
    """What is known about a customer; whose it is from those who give work to others."""

    class Meta:
        model = Customer
        fields = ("name", "industry", "region", "employees", "size_band", "owner")

    def __init__(self, data: Any = None, *, viewer: User, **options: Any) -> None:
        super().__init__(data, **options)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        # Whoever looks after it now stays, also if the viewer could not give it to them.
        owner.queryset = User.objects.filter(
            Q(pk__in=assignable(viewer).values("pk")) | Q(pk=self.instance.owner_id)
        )
        self.fields["size_band"].help_text = _("Follows from the employees where they are known.")
        if not allowed(viewer, Permission.REASSIGN):
            del self.fields["owner"]


class CustomerFilterForm(FilterForm):
    """Narrows customers by the segments that they are counted under."""

    industry = forms.ChoiceField(label=_("Industry"), required=False)
    size = forms.ChoiceField(label=_("Size"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)

    def __init__(self, data: Any, *, viewer: User) -> None:
        super().__init__(data)
        offer(self, "industry", _("Every industry"), _values("industry", viewer))
        offer(self, "size", _("Every size"), SizeBand.choices)
        offer(self, "region", _("Every region"), _values("region", viewer))


def _values(field: str, viewer: User) -> list[tuple[str, str]]:
    """The values in use among the customers that a person sees."""
    seen = Customer.objects.visible_to(viewer).exclude(**{field: ""})
    values = seen.order_by(field).values_list(field, flat=True).distinct()
    return [(value, value) for value in values]
