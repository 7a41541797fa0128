"""Filters that every list offers: a scope, a period of the company's calendar."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ValidationError

from accounts.models import Company, User
from accounts.scope import BadScope, Scope, reach, resolve
from periods import Period, PeriodError
from pipeline.api.fields import viewer_of

MAX_ID = 10**18


class PeriodField(forms.CharField):
    """A period's code, such as 2026-Q4, this-quarter or 2026-10-01..2026-11-15."""

    def to_python(self, value: Any) -> Any:
        code = super().to_python(value)
        if not code:
            return None
        try:
            return Company.current().calendar.parse(code, at=timezone.now())
        except PeriodError as error:
            # As a parameter: django-filter formats the message, which quotes what was sent.
            told = {"message": str(error)}
            raise forms.ValidationError("%(message)s", params=told) from error


@extend_schema_field(OpenApiTypes.STR)
class PeriodFilter(filters.Filter):  # type: ignore[misc] # django-filter carries no types
    """Rows whose instant lies in a period; days where `days` is set."""

    field_class = PeriodField

    def __init__(self, *args: Any, days: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days = days
        self.extra.setdefault("help_text", _("A period, such as 2026-Q4 or this-month."))

    def filter(self, queryset: QuerySet[Any], value: Period | None) -> QuerySet[Any]:
        if value is None:
            return queryset
        covers = value.covers_days if self.days else value.covers
        return queryset.filter(covers(self.field_name))


class IdFilter(filters.NumberFilter):  # type: ignore[misc] # django-filter carries no types
    """Rows that name a row by its id."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"min_value": 1, "max_value": MAX_ID, **kwargs})


class TeamFilter(filters.CharFilter):  # type: ignore[misc] # django-filter carries no types
    """Rows credited to a team or to one below it, by the team's short name."""

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return queryset
        tree = reach(viewer_of(self.parent.request)).tree
        named = [key for key, team in tree.teams.items() if team.slug == value]
        return queryset.filter(team__in=tree.subtree(named))


class ScopedFilters(filters.FilterSet):  # type: ignore[misc] # django-filter carries no types
    """Narrows to `company`, `team:SLUG` (with the teams below it) or `user:ID`."""

    scope = filters.CharFilter(method="in_scope", help_text=_("company, team:SLUG or user:ID"))

    def in_scope(self, queryset: Any, _name: str, code: str) -> Any:
        """403 for a scope outside the viewer's; 400 for what is no scope."""
        return queryset.in_scope(scope_asked(code, viewer_of(self.request)))


def scope_asked(code: str, viewer: User) -> Scope:
    """The scope that a query names. OutsideScope (403), or ValidationError (400)."""
    try:
        return resolve(code, viewer)
    except BadScope as error:
        raise ValidationError({"scope": [str(error)]}) from error
