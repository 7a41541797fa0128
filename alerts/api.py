"""Alert rules and incidents through the API: those of the scopes that a person sees."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.scope import ScopeKind
from alerts import actions
from alerts.models import (
    AlertRule,
    Condition,
    Direction,
    Incident,
    Severity,
    Transition,
    with_open_incidents,
)
from alerts.presentation import State, state_of
from pipeline.api.facts import DeletableViews, FactSerializer, Fields, RowViews, UpsertViews
from pipeline.api.fields import viewer_of
from pipeline.api.filters import MAX_ID, IdFilter, scope_asked

ALL_RULES = with_open_incidents(AlertRule.objects.for_listing())
CONDITION = ("kpi", "basis", "scope", "period", "direction", "threshold", "severity")


@extend_schema_field(OpenApiTypes.STR)
class ScopeCode(serializers.Field[str, str, str, Condition]):
    """`company`, `team:SLUG` or `user:ID`; 403 for a scope outside the viewer's."""

    def get_attribute(self, instance: Condition) -> str:
        return instance.scope_code

    def to_representation(self, value: str) -> str:
        return value

    def to_internal_value(self, data: Any) -> str:
        return scope_asked(str(data), viewer_of(self.context["request"])).code


class PersonId(serializers.IntegerField):
    """The id of a person, or of nobody: which of them is not told apart here."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class Recipients(serializers.ListField):
    """The ids of the people who get mail."""

    def to_representation(self, data: Any) -> list[int]:
        return [person.pk for person in data.all()]


class AlertRuleSerializer(FactSerializer[AlertRule]):
    """Thresholds of percentages are fractions; those of money are in the company's currency."""

    scope = ScopeCode()
    threshold = serializers.DecimalField(max_digits=24, decimal_places=6)
    recipients = Recipients(child=PersonId(min_value=1, max_value=MAX_ID), required=False)
    owner: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    state = serializers.SerializerMethodField()
    value = serializers.DecimalField(
        source="watch.value", max_digits=30, decimal_places=10, read_only=True, allow_null=True
    )
    measured = serializers.CharField(source="watch.measured", read_only=True)
    evaluated_at = serializers.DateTimeField(
        source="watch.evaluated_at", read_only=True, allow_null=True
    )

    class Meta:
        model = AlertRule
        fields = (
            "id",
            "external_id",
            "revision",
            "name",
            *CONDITION,
            "hold_minutes",
            "recipients",
            "is_active",
            "owner",
            "state",
            "value",
            "measured",
            "evaluated_at",
            "created_at",
            "updated_at",
        )

    @extend_schema_field(serializers.ChoiceField(choices=[state.name.lower() for state in State]))
    def get_state(self, rule: AlertRule) -> str:
        return state_of(rule).name.lower()


class ScopedConditions(filters.FilterSet):  # type: ignore[misc] # django-filter carries no types
    """By KPI, severity, and exactly the scope that is named."""

    kpi = filters.CharFilter()
    severity = filters.ChoiceFilter(choices=Severity.choices)
    direction = filters.ChoiceFilter(choices=Direction.choices)
    scope = filters.CharFilter(method="of_scope", help_text="company, team:SLUG, user:ID")

    def of_scope(self, queryset: Any, _name: str, code: str) -> Any:
        scope = scope_asked(code, viewer_of(self.request))
        return queryset.filter(
            scope_kind=scope.kind.value,
            team=scope.id if scope.kind is ScopeKind.TEAM else None,
            user=scope.id if scope.kind is ScopeKind.USER else None,
        )


class AlertRuleFilters(ScopedConditions):
    active = filters.BooleanFilter(field_name="is_active")


class AlertRuleViews(UpsertViews[AlertRule], DeletableViews[AlertRule]):
    """The alert rules of the viewer's scopes."""

    queryset = ALL_RULES
    serializer_class = AlertRuleSerializer
    filterset_class = AlertRuleFilters
    search_fields = ("name", "kpi", "external_id")

    def add(self, fields: Fields) -> AlertRule:
        return actions.create_rule(
            by=self.viewer,
            at=self.now,
            scope=fields.pop("scope"),
            recipients=fields.pop("recipients", []),
            fields=fields,
        )

    def change(self, row: AlertRule, fields: Fields) -> AlertRule:
        return actions.edit_rule(
            rule=row,
            by=self.viewer,
            at=self.now,
            revision=fields.pop("revision"),
            scope=fields.pop("scope", None),
            recipients=fields.pop("recipients", None),
            changes=fields,
        )

    def remove(self, row: AlertRule, revision: int) -> None:
        actions.delete_rule(rule=row, by=self.viewer, revision=revision)

    def represent(self, row: AlertRule) -> Any:
        """As it is read, with its state, which stands in other tables."""
        return super().represent(ALL_RULES.get(pk=row.pk))


class TransitionSerializer(serializers.ModelSerializer[Transition]):
    class Meta:
        model = Transition
        fields = ("kind", "at", "value", "period")
        read_only_fields = fields


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """From a crossing to its recovery, with the rule's condition as it was then."""

    scope = ScopeCode(read_only=True)
    transitions = TransitionSerializer(many=True, read_only=True)

    class Meta:
        model = Incident
        fields = (
            "id",
            "rule",
            *CONDITION,
            "opened_at",
            "opened_value",
            "peak",
            "resolved_at",
            "resolved_value",
            "acknowledged_at",
            "acknowledged_by",
            "transitions",
        )
        read_only_fields = fields


class IncidentFilters(ScopedConditions):
    rule = IdFilter()
    open = filters.BooleanFilter(field_name="resolved_at", lookup_expr="isnull")
    acknowledged = filters.BooleanFilter(
        field_name="acknowledged_at", lookup_expr="isnull", exclude=True
    )


class IncidentViews(RowViews[Incident]):
    """The incidents of the viewer's scopes."""

    queryset = Incident.objects.select_related("team").prefetch_related("transitions")
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilters
    search_fields = ("kpi", "rule__name")

    @extend_schema(request=None, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, _request: Request, **_path: str) -> Response:
        """Say that you look after an open incident. The first to say so stays named."""
        found = actions.acknowledge(incident=self.get_object(), by=self.viewer, at=self.now)
        return Response(self.represent(found))
