"""Saved views of figures through the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Team
from kpis.actions.saved_views import delete_view, edit_view, save_view
from kpis.models import SavedView
from pipeline.api.facts import DeletableViews, FactSerializer, Fields
from pipeline.api.history import PersonSerializer


@extend_schema_field(OpenApiTypes.OBJECT)
class StateField(serializers.DictField):
    """The question's parameters by name, as `kpis/{key}/` takes them."""

    child = serializers.CharField(max_length=200)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="query", **kwargs)

    def to_representation(self, value: str) -> dict[str, str]:  # type: ignore[override]  # kept as text
        return dict(parse_qsl(value))


class SavedViewSerializer(FactSerializer[SavedView]):
    """A question about a KPI under a name; no figures. `team` None: for its owner alone."""

    fixed = ("kpi",)

    kpi = serializers.CharField(max_length=60)
    state = StateField(required=False)
    team = serializers.SlugRelatedField(
        slug_field="slug", queryset=Team.objects.all(), allow_null=True, required=False
    )
    owner = PersonSerializer(read_only=True)

    class Meta:
        model = SavedView
        fields = ("id", "revision", "name", "kpi", "state", "team", "owner", "updated_at")
        validators: tuple[Any, ...] = ()

    def validate(self, attrs: Fields) -> Fields:
        attrs = super().validate(attrs)
        if self.instance is not None and attrs.pop("query", None) is not None:
            self._refuse_state()
        return attrs

    def _refuse_state(self) -> None:
        raise serializers.ValidationError({"state": [str(self.how_to_change_fixed)]})


class SavedViewViews(DeletableViews[SavedView]):
    """One's own views, and those shared with a team that one belongs to or looks after."""

    queryset = SavedView.objects.select_related("owner", "team")
    serializer_class = SavedViewSerializer
    filterset_fields = ("kpi",)
    search_fields = ("name",)
    ordering_fields = ("id", "name")

    def add(self, fields: Fields) -> SavedView:
        return save_view(
            by=self.viewer,
            at=self.now,
            kpi=fields["kpi"],
            state=fields.get("query", {}),
            name=fields["name"],
            team=fields.get("team"),
        )

    def change(self, row: SavedView, fields: Fields) -> SavedView:
        name, team = fields.get("name", row.name), fields.get("team", row.team)
        revision = fields["revision"]
        return edit_view(view=row, by=self.viewer, revision=revision, name=name, team=team)

    def remove(self, row: SavedView, revision: int) -> None:
        delete_view(view=row, by=self.viewer, revision=revision)
