"""Goals through the API: the targets of the scopes that a person sees."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Company, Team, User
from accounts.scope import BadScope, ScopeKind, resolve
from kpis.goal_rules import check_filters
from kpis.progress import may_see, scope_of, spanned
from kpis.questions import DIMENSIONS
from kpis.registry import all_kpis
from kpis.smart import Finding, Verdict, check, draft_of
from periods import Period, PeriodError
from pipeline.actions import targets as actions
from pipeline.api.facts import DeletableViews, FactSerializer, Fields, UpsertViews
from pipeline.api.fields import viewer_of
from pipeline.api.filters import IdFilter, PeriodFilter, ScopedFilters, scope_asked
from pipeline.api.history import HistoryViews
from pipeline.models import Target


@extend_schema_field(OpenApiTypes.STR)
class ScopeField(serializers.Field[Any, Any, Any, Any]):
    """`company`, `team:SLUG` or `user:ID`; 403 for a scope outside the viewer's."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", **kwargs)

    def to_representation(self, target: Target) -> str:
        if target.team is not None:
            return f"team:{target.team.slug}"
        return "company" if target.user_id is None else f"user:{target.user_id}"

    def to_internal_value(self, data: Any) -> Fields:
        try:
            scope = resolve(str(data), viewer_of(self.context["request"]))
        except BadScope as error:
            raise serializers.ValidationError(str(error)) from error
        is_team, is_user = scope.kind is ScopeKind.TEAM, scope.kind is ScopeKind.USER
        return {
            "team": Team.objects.get(pk=scope.id) if is_team else None,
            "user": User.objects.get(pk=scope.id) if is_user else None,
        }


@extend_schema_field(OpenApiTypes.STR)
class SpanField(serializers.Field[Any, Any, Any, Any]):
    """A period's code, such as 2026-Q4 or 2026-10-01..2026-11-15."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", **kwargs)

    def to_representation(self, target: Target) -> str:
        return spanned(target, Company.current().calendar).code

    def to_internal_value(self, data: Any) -> Fields:
        calendar = Company.current().calendar
        try:
            period = calendar.parse(str(data), at=timezone.now())
        except PeriodError as error:
            raise serializers.ValidationError(str(error)) from error
        return {"start": period.start, "end": period.end}


class GoalSerializer(FactSerializer[Target]):
    """The value that a KPI must reach in a scope and period; money in the company's currency."""

    scope = ScopeField()
    period = SpanField()
    filters = serializers.DictField(
        child=serializers.CharField(max_length=200), required=False, help_text=", ".join(DIMENSIONS)
    )

    class Meta:
        model = Target
        fields = (
            "id",
            "external_id",
            "revision",
            "kpi",
            "scope",
            "period",
            "value",
            "filters",
            "weight",
            "parent",
            "updated_at",
        )

    def validate_kpi(self, key: str) -> str:
        if key not in all_kpis():
            raise serializers.ValidationError(_("There is no such KPI in the catalog."))
        return key

    def validate_filters(self, filters: dict[str, str]) -> dict[str, str]:
        if not set(filters) <= set(DIMENSIONS):
            names = {"names": ", ".join(DIMENSIONS)}
            raise serializers.ValidationError(_("Filter by any of: %(names)s.") % names)
        return filters

    def validate(self, attrs: Fields) -> Fields:
        """The filters that are sent must be some of the KPI's own: others never match."""
        attrs = super().validate(attrs)
        if {"kpi", "filters"} & set(attrs):
            kpi = attrs.get("kpi", getattr(self.instance, "kpi", ""))
            filters = attrs.get("filters", getattr(self.instance, "filters", {}))
            _refuse_wrong_filters(kpi, filters)
        return attrs


def _refuse_wrong_filters(kpi: str, filters: dict[str, str]) -> None:
    try:
        check_filters(kpi, filters)
    except DjangoValidationError as error:
        raise serializers.ValidationError(error.message_dict) from error


class GoalFilters(ScopedFilters):
    """By KPI, by scope (its own goals alone), and by a period that they lie in."""

    kpi = filters.CharFilter()
    parent = IdFilter()
    period = PeriodFilter(method="within")

    def in_scope(self, queryset: Any, _name: str, code: str) -> Any:
        return queryset.of(scope_asked(code, viewer_of(self.request)))

    def within(self, queryset: Any, _name: str, period: Period | None) -> Any:
        if period is None:
            return queryset
        return queryset.filter(start__gte=period.start, end__lte=period.end)


class FindingSerializer(serializers.Serializer[Finding]):
    """One letter of SMART."""

    letter = serializers.ChoiceField(choices=list("SMART"))
    verdict = serializers.ChoiceField(choices=list(Verdict))
    reason = serializers.CharField()


class GoalViews(HistoryViews[Target], UpsertViews[Target], DeletableViews[Target]):
    """The goals of the viewer's scopes."""

    queryset = Target.objects.select_related("team")
    serializer_class = GoalSerializer
    filterset_class = GoalFilters
    search_fields = ("kpi", "external_id")
    ordering_fields = ("id", "start")

    def get_queryset(self) -> QuerySet[Target]:
        """Without those of KPIs that the viewer's role does not open."""
        hidden = [kpi for kpi in all_kpis() if not may_see(kpi, self.viewer)]
        return super().get_queryset().exclude(kpi__in=hidden)

    def add(self, fields: Fields) -> Target:
        self._require_seen(fields["kpi"])
        return actions.create_target(by=self.viewer, fields=fields)

    def change(self, row: Target, fields: Fields) -> Target:
        revision = fields.pop("revision")
        self._require_seen(fields.get("kpi", row.kpi))
        return actions.edit_target(target=row, by=self.viewer, revision=revision, changes=fields)

    def remove(self, row: Target, revision: int) -> None:
        actions.delete_target(target=row, by=self.viewer, revision=revision)

    def _require_seen(self, kpi: str) -> None:
        if not may_see(kpi, self.viewer):
            raise PermissionDenied(_("Your role does not open this KPI."))

    @extend_schema(responses=FindingSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None)
    def check(self, request: Request) -> Response:
        """Whether a goal is SMART before it is written: the body is that of a new goal."""
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = dict(body.validated_data)
        fields.pop("revision", None)
        return Response(self._findings(Target(**fields)))

    @extend_schema(responses=FindingSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def smart(self, _request: Request, **_path: str) -> Response:
        """Whether a goal is SMART, with a reason for each letter."""
        return Response(self._findings(self.get_object()))

    def _findings(self, goal: Target) -> Any:
        period = spanned(goal, Company.current().calendar)
        draft = draft_of(goal, scope_of(goal, self.viewer), period)
        found = check(draft, viewer=self.viewer, at=self.now)
        return [FindingSerializer(finding).data for finding in found]
