"""Comments on figures and goals through the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django_filters import rest_framework as filters
from rest_framework import serializers

from accounts.models import Company
from accounts.scope import resolve
from kpis.actions.comments import add_comment, delete_comment, edit_comment
from kpis.goals import ScopeField, SpanField
from kpis.models import Comment
from kpis.progress import spanned
from kpis.questions import DIMENSIONS
from periods import Period
from pipeline.api.facts import DeletableViews, FactSerializer, Fields
from pipeline.api.fields import viewer_of
from pipeline.api.filters import PeriodFilter, ScopedFilters, scope_asked
from pipeline.api.history import PersonSerializer
from pipeline.models import Target


class CommentSerializer(FactSerializer[Comment]):
    """What somebody said of a figure; with kpi "" of all of a scope's goals together."""

    fixed = ("kpi", "team", "user", "start", "end", "filters")

    kpi = serializers.CharField(max_length=60, allow_blank=True, default="")
    scope = ScopeField()
    period = SpanField()
    filters = serializers.DictField(
        child=serializers.CharField(max_length=200), required=False, help_text=", ".join(DIMENSIONS)
    )
    author = PersonSerializer(read_only=True)

    class Meta:
        model = Comment
        fields = (
            "id",
            "revision",
            "kpi",
            "scope",
            "period",
            "filters",
            "text",
            "author",
            "created_at",
        )
        read_only_fields = ("created_at",)


class CommentFilters(ScopedFilters):
    """By KPI, by scope (those on its own figures), and by the very period that they are on."""

    kpi = filters.CharFilter()
    period = PeriodFilter(method="of_period")

    def in_scope(self, queryset: Any, _name: str, code: str) -> Any:
        scope = scope_asked(code, viewer_of(self.request))
        return queryset.of_scope(scope)

    def of_period(self, queryset: Any, _name: str, period: Period | None) -> Any:
        return queryset.filter(start=period.start, end=period.end) if period else queryset


class CommentViews(DeletableViews[Comment]):
    """What was said of the figures that the viewer sees; only its author changes it."""

    queryset = Comment.objects.select_related("author", "team")
    serializer_class = CommentSerializer
    filterset_class = CommentFilters
    search_fields = ("text",)
    ordering_fields: ClassVar[tuple[str, ...]] = ("id", "created_at")

    def add(self, fields: Fields) -> Comment:
        team, user = fields["team"], fields["user"]
        code = f"team:{team.slug}" if team else f"user:{user.pk}" if user else "company"
        span = Target(start=fields["start"], end=fields["end"])
        return add_comment(
            by=self.viewer,
            at=self.now,
            scope=resolve(code, self.viewer),
            period=spanned(span, Company.current().calendar),
            kpi=fields["kpi"],
            filters=fields.get("filters"),
            text=fields["text"],
        )

    def change(self, row: Comment, fields: Fields) -> Comment:
        text = fields.get("text", row.text)
        return edit_comment(comment=row, by=self.viewer, revision=fields["revision"], text=text)

    def remove(self, row: Comment, revision: int) -> None:
        delete_comment(comment=row, by=self.viewer, revision=revision)
