"""What the API takes and gives for instants, days, amounts and other rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import Team, User
from accounts.scope import ScopedQuerySet, known_teams, visible_people
from periods import YEARS


def viewer_of(request: Any) -> User:
    """The person who asks; every route of the API requires one."""
    return cast("User", request.user)


def _check_year(value: date) -> None:
    if value.year not in YEARS:
        years = {"first": YEARS[0], "last": YEARS[-1]}
        raise serializers.ValidationError(_("Use a year from %(first)s to %(last)s.") % years)


class Day(serializers.DateField):
    """A date of the years that calendars here know."""

    def to_internal_value(self, value: Any) -> date:
        day = super().to_internal_value(value)
        _check_year(day)
        return day


class Instant(serializers.DateTimeField):
    """A date and time with its offset; without one, in the person's own zone."""

    def to_internal_value(self, value: Any) -> datetime:
        instant = super().to_internal_value(value)
        _check_year(instant)
        return instant


class NotNegative(serializers.DecimalField):
    """A decimal of zero or more, written as a string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, **kwargs})


class Reference(serializers.PrimaryKeyRelatedField[Any]):
    """Another row that the person may see: by its id, or as `{"external_id": "…"}`."""

    default_error_messages = {
        "does_not_exist": _("There is no such row, or you may not see it."),
        "incorrect_type": _("Enter a whole number, or an object with external_id."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        queryset = cast("QuerySet[Any]", super().get_queryset())
        return visible(queryset, viewer_of(cast("Request", self.context["request"])))

    def to_internal_value(self, data: Any) -> Model:
        if isinstance(data, int) and not isinstance(data, bool):
            return cast("Model", super().to_internal_value(data))
        if isinstance(data, dict) and list(data) == ["external_id"]:
            return self._by_external_id(data["external_id"])
        return self.fail("incorrect_type", data_type=type(data).__name__)

    def _by_external_id(self, text: Any) -> Model:
        queryset, name = self.get_queryset(), serializers.CharField().run_validation(text)
        if not any(field.name == "external_id" for field in queryset.model._meta.fields):
            self.fail("incorrect_type", data_type="object")
        found = queryset.filter(external_id=name).first()
        if found is None:
            self.fail("does_not_exist", pk_value=name)
        return cast("Model", found)


def visible(queryset: QuerySet[Any], viewer: User) -> QuerySet[Any]:
    """Those rows of any model that a person may name in what they write."""
    if queryset.model is User:
        return visible_people(viewer).filter(is_active=True)
    if queryset.model is Team:
        return queryset.filter(pk__in=[team.pk for team in known_teams(viewer)])
    return queryset.visible_to(viewer) if isinstance(queryset, ScopedQuerySet) else queryset


class BySlug(serializers.SlugRelatedField[Any]):
    """A row by its short name, of those that the person may name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"slug_field": "slug", **kwargs})

    def get_queryset(self) -> QuerySet[Any]:
        queryset = cast("QuerySet[Any]", super().get_queryset())
        return visible(queryset, viewer_of(self.context["request"]))


class ReferenceSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call] # carries no types
    """An id in answers; an id or an external id in requests."""

    target_class = Reference

    def map_serializer_field(self, _auto_schema: Any, direction: str) -> dict[str, Any]:
        number = {"type": "integer"}
        if direction == "response":
            return number
        outside = {
            "type": "object",
            "properties": {"external_id": {"type": "string"}},
            "required": ["external_id"],
            "additionalProperties": False,
        }
        return {"oneOf": [number, outside]}


class Revision(serializers.IntegerField):
    """The revision that an edit was made on; a newer one there is answered with 409."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": 2**31 - 1, **kwargs})
