"""Activities: what was done about a deal or a lead."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from rest_framework import serializers

from pipeline.actions import activities as actions
from pipeline.api.facts import DeletableViews, FactSerializer, Fields, UpsertViews
from pipeline.api.fields import BySlug, Instant
from pipeline.api.filters import IdFilter, PeriodFilter, ScopedFilters, TeamFilter
from pipeline.models import Activity


class ActivitySerializer(FactSerializer[Activity]):
    """An activity about a deal or a lead; without `at`, it happened just now."""

    at = Instant(required=False)
    person_name = serializers.CharField(source="person.name", read_only=True)
    team = BySlug(read_only=True, allow_null=True)

    class Meta:
        model = Activity
        fields = (
            "id",
            "external_id",
            "revision",
            "kind",
            "at",
            "person",
            "person_name",
            "team",
            "deal",
            "lead",
            "subject",
            "note",
            "updated_at",
        )
        read_only_fields = ("person",)

    fixed = ("deal", "lead")
    how_to_change_fixed = _("An activity stays with what it was about.")

    def validate(self, attrs: Fields) -> Fields:
        if self.instance is None and not (attrs.get("deal") or attrs.get("lead")):
            raise serializers.ValidationError({"deal": [_("Name a deal or a lead.")]})
        return super().validate(attrs)


class ActivityFilters(ScopedFilters):
    """By whom, about what, and when."""

    rep = IdFilter(field_name="person")
    team = TeamFilter()
    deal = IdFilter()
    lead = IdFilter()
    kind = filters.ChoiceFilter(choices=Activity.Kind.choices)
    period = PeriodFilter(field_name="at")


class ActivityViews(UpsertViews[Activity], DeletableViews[Activity]):
    """The activities of the viewer's scope."""

    queryset = Activity.objects.select_related("person", "team")
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilters
    search_fields = ("subject", "external_id")
    ordering_fields = ("id", "at")

    def add(self, fields: Fields) -> Activity:
        return actions.log_activity(by=self.viewer, **{"at": self.now, **fields})

    def change(self, row: Activity, fields: Fields) -> Activity:
        revision = fields.pop("revision")
        return actions.edit_activity(
            activity=row, by=self.viewer, revision=revision, changes=fields
        )

    def remove(self, row: Activity, revision: int) -> None:
        actions.delete_activity(activity=row, by=self.viewer, revision=revision)
