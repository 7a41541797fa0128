"""A row's past: its versions as a list of changes."""

from __future__ import annotations

from typing import Any, Generic

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pipeline.api.facts import RowT, RowViews
from pipeline.changes import changes_of


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class FieldChangeSerializer(serializers.Serializer[Any]):
    """A field's value before and after: raw (an id, a decimal as a string) and as text."""

    name = serializers.CharField()
    label: Any = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)
    before_text = serializers.CharField(allow_blank=True)
    after_text = serializers.CharField(allow_blank=True)


class NamedCriterionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(source="label")


class PassedSerializer(serializers.Serializer[Any]):
    """The must-haves that a deal moved past unticked, and why."""

    reason = serializers.CharField()
    criteria = NamedCriterionSerializer(many=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """One change: effective `at`, known here since `recorded_at`."""

    at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    by = PersonSerializer(allow_null=True)
    created = serializers.BooleanField()
    deleted = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    passed = PassedSerializer(allow_null=True)
    changes = FieldChangeSerializer(source="fields", many=True)


class HistoryViews(RowViews[RowT], Generic[RowT]):
    """Rows whose past can be asked for."""

    @extend_schema(responses=ChangeSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, _request: Request, **_path: str) -> Response:
        """What changed, when and by whom, newest first."""
        changes = changes_of(self.get_object())
        return Response(ChangeSerializer(changes, many=True).data)
