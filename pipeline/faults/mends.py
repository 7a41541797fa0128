"""The fields that mend many rows at once: what is asked for, and which action writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from accounts.scope import visible_people
from pipeline.models import Source

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from accounts.models import User


@dataclass(frozen=True)
class Mend:
    """One field: how it is asked for, who may write it, and whether that can be taken back."""

    field: str
    label: StrPromise
    ask: Callable[[User], forms.Field]
    permission: Permission = Permission.WORK_DEALS
    can_be_undone: bool = True

    def read(self, value: Any, viewer: User) -> Any:
        """A value as it was typed or sent. ValidationError says what is wrong with it."""
        return self.ask(viewer).clean(value)


def _day(_viewer: User) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), required=False)


def _owner(viewer: User) -> forms.Field:
    return forms.ModelChoiceField(visible_people(viewer).filter(is_active=True))


def _source(_viewer: User) -> forms.Field:
    return forms.ModelChoiceField(Source.objects.all(), required=False)


def _price(_viewer: User) -> forms.Field:
    return forms.DecimalField(max_digits=20, decimal_places=8, min_value=Decimal("0.00000001"))


MENDS: Mapping[str, Mend] = {
    mend.field: mend
    for mend in (
        Mend("expected_close", _("expected close"), _day),
        Mend("created_at", _("created"), _day, can_be_undone=False),
        Mend("source", _("source"), _source),
        Mend("owner", _("owner"), _owner, Permission.REASSIGN, can_be_undone=False),
        Mend("price", _("price"), _price, Permission.EDIT_FINANCE, can_be_undone=False),
    )
}


class MendForm(forms.Form):
    """The one field of a mend, for a page to show."""

    def __init__(self, mend: Mend, viewer: User) -> None:
        super().__init__(auto_id="mend-%s")
        field = mend.ask(viewer)
        field.widget.attrs["class"] = "input"
        self.fields[mend.field] = field


def as_sent(value: Any) -> Any:
    """A value as JSON carries it, so that `Mend.read` reads it back."""
    if isinstance(value, Model):
        return value.pk
    return value.isoformat() if isinstance(value, date) else value
