"""Submissions and adjustments over HTTP. Both are only ever added to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Team, User
from accounts.scope import OutsideScope, ScopeKind, reach
from forecasting.actions.calls import Cell, Change, Overtaken, adjust, submit
from forecasting.api.parameters import period_from
from forecasting.models import Adjustment, Column, Submission
from forecasting.models.calls import LONGEST_NOTE
from pipeline.api.facts import Conflict, RowViews, StrictSerializer
from pipeline.api.fields import BySlug
from pipeline.api.filters import IdFilter, TeamFilter, scope_asked

MONEY: dict[str, Any] = {"max_digits": 20, "decimal_places": 2}


class PeriodCode(serializers.CharField):
    """A month, quarter, half or year: `2026-Q4`."""


class SubmissionSerializer(serializers.ModelSerializer[Submission]):
    """What somebody promised for a period, and what the system had for them then."""

    team: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Submission
        fields = (
            "id",
            "user",
            "team",
            "start",
            "end",
            "at",
            "commit",
            "best_case",
            "note",
            "base_closed",
            "base_commit",
            "base_best_case",
        )
        read_only_fields = fields


class NewSubmission(StrictSerializer):
    """One's own figures, closed deals included: best case ≥ commit ≥ closed."""

    period = PeriodCode()
    commit = serializers.DecimalField(**MONEY)
    best_case = serializers.DecimalField(**MONEY)
    note = serializers.CharField(max_length=LONGEST_NOTE, required=False, allow_blank=True)


class CallFilters(filters.FilterSet):  # type: ignore[misc] # django-filter carries no types
    """Those of one period, person or team."""

    period = filters.CharFilter(method="of_period", help_text=_("A period, such as 2026-Q4."))
    user = IdFilter()
    team = TeamFilter()

    def of_period(self, queryset: Any, _name: str, code: str) -> Any:
        return queryset.of_periods([period_from(code, at=timezone.now())])


class SubmissionViews(RowViews[Submission]):
    """The submissions that the viewer may see; everybody submits their own."""

    queryset = Submission.objects.select_related("team")
    serializer_class = SubmissionSerializer
    filterset_class = CallFilters
    ordering = "-id"

    @extend_schema(request=NewSubmission, responses={201: SubmissionSerializer})
    def create(self, request: Request) -> Response:
        """Submit your own forecast. An earlier one is kept beside it."""
        body, now = self.read_body(request, NewSubmission), self.now
        made = submit(
            by=self.viewer,
            period=period_from(body["period"], at=now),
            commit=body["commit"],
            best_case=body["best_case"],
            note=body.get("note", ""),
            at=now,
        )
        return Response(self.represent(made), status=status.HTTP_201_CREATED)


class AdjustmentSerializer(serializers.ModelSerializer[Adjustment]):
    """A lead's figure in place of a member's; a null value took the one before back."""

    team: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)
    child: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True, allow_null=True)

    class Meta:
        model = Adjustment
        fields = (
            "id",
            "team",
            "user",
            "child",
            "column",
            "start",
            "end",
            "number",
            "value",
            "base",
            "reason",
            "author",
            "at",
        )
        read_only_fields = fields


class NewAdjustment(StrictSerializer):
    """`member` is user:ID or team:SLUG, a direct member of `team` (null: of the company).

    `number` is how often you saw the cell adjusted: 409 where somebody did so since.
    """

    team = BySlug(queryset=Team.objects.all(), allow_null=True)
    member = serializers.CharField()
    period = PeriodCode()
    column = serializers.ChoiceField(Column.choices)
    value = serializers.DecimalField(**MONEY, allow_null=True)
    number = serializers.IntegerField(min_value=0, max_value=10**6)
    reason = serializers.CharField(max_length=LONGEST_NOTE)


class AdjustmentViews(RowViews[Adjustment]):
    """The adjustments that the viewer may see; leads adjust the figures of their members."""

    queryset = Adjustment.objects.select_related("team", "child")
    serializer_class = AdjustmentSerializer
    filterset_class = CallFilters
    ordering = "-id"

    @extend_schema(request=NewAdjustment, responses={201: AdjustmentSerializer})
    def create(self, request: Request) -> Response:
        """Replace a direct member's figure, or take that back with null."""
        body, now = self.read_body(request, NewAdjustment), self.now
        value: Decimal | None = body["value"]
        try:
            (made,) = adjust(
                by=self.viewer,
                cell=self._cell(body["team"], body["member"]),
                period=period_from(body["period"], at=now),
                changes={Column(body["column"]): Change(value, body["number"])},
                reason=body["reason"],
                at=now,
            )
        except Overtaken as overtaken:
            current = self.represent(overtaken.current)
            raise Conflict(str(overtaken), current=current, yours=request.data) from overtaken
        return Response(self.represent(made), status=status.HTTP_201_CREATED)

    def _cell(self, team: Team | None, member: str) -> Cell:
        """ValidationError for what names no member, OutsideScope for somebody else's."""
        scope = scope_asked(member, self.viewer)
        if team is None and not reach(self.viewer).everything:
            raise OutsideScope
        if scope.kind is ScopeKind.USER:
            return Cell(team, user=User.objects.get(pk=scope.id))
        if scope.kind is ScopeKind.TEAM:
            return Cell(team, child=reach(self.viewer).tree.teams[scope.id])
        raise serializers.ValidationError({"member": [_("Use user:ID or team:SLUG.")]})
