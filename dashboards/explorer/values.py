"""The values of each dimension that a person may filter by, as lists of them offer them too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.forms import ChoiceField
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.scope import reach
from pipeline.forms.customers import CustomerFilterForm
from pipeline.forms.editing import choices_of
from pipeline.forms.filters import DealListForm
from pipeline.models import Product

OF_CUSTOMERS = ("industry", "size", "region")
OF_DEALS = {"rep": "owner", "kind": "kind", "source": "source", "stage": "stage"}


class Values:
    """Pairs of a value and its label by dimension, "every" first; read when they are asked for."""

    def __init__(self, viewer: User) -> None:
        self.viewer = viewer

    @cached_property
    def _of_customers(self) -> CustomerFilterForm:
        return CustomerFilterForm(None, viewer=self.viewer)

    @cached_property
    def _of_deals(self) -> DealListForm:
        return DealListForm(None, viewer=self.viewer)

    def of(self, name: str) -> list[tuple[Any, Any]]:
        """The choices of a dimension. KeyError for another name."""
        if name == "team":
            return [("", _("Every team")), *self._teams()]
        if name == "product":
            products = Product.objects.order_by("name").values_list("pk", "name")
            return [("", _("Every product")), *products]
        if name in OF_CUSTOMERS:
            field = self._of_customers.fields[name]
        else:
            field = self._of_deals.fields[OF_DEALS[name]]
        assert isinstance(field, ChoiceField)
        return choices_of(field)

    def label(self, name: str, value: str) -> str:
        """What a value is called; the value itself where the viewer does not know it."""
        return next((str(label) for key, label in self.of(name) if str(key) == value), value)

    def _teams(self) -> Iterator[tuple[int, str]]:
        mine = reach(self.viewer)
        for team, depth in mine.tree.walk():
            if mine.everything or team.pk in mine.team_ids:
                yield team.pk, "\u2003" * depth + team.name
