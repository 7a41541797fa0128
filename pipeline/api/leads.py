"""Leads: read, write, and convert into deals."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from pipeline.actions import leads as actions
from pipeline.actions.syncing import sync_lead
from pipeline.api.deals import DealSerializer, ReassignSerializer
from pipeline.api.facts import FactSerializer, Fields, StrictSerializer, UpsertViews
from pipeline.api.fields import BySlug, Day, NotNegative, Reference, Revision
from pipeline.api.filters import IdFilter, PeriodFilter, ScopedFilters, TeamFilter
from pipeline.api.history import HistoryViews
from pipeline.models import Customer, Lead, LeadStatus, SizeBand, Source, Stage


class LeadSerializer(FactSerializer[Lead]):
    """A lead. `convert/` makes it a deal; `reassign/` gives it to another owner."""

    owner = Reference(queryset=User.objects.all(), required=False, allow_null=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True, allow_null=True)
    team = BySlug(read_only=True, allow_null=True)
    source: Any = BySlug(queryset=Source.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Lead
        fields = (
            "id",
            "external_id",
            "revision",
            "name",
            "company_name",
            "email",
            "phone",
            "owner",
            "owner_name",
            "team",
            "source",
            "campaign",
            "industry",
            "size_band",
            "region",
            "status",
            "created_at",
            "converted_at",
            "customer",
            "deal",
            "updated_at",
        )
        read_only_fields = ("created_at", "converted_at", "customer", "deal")


class ConvertSerializer(StrictSerializer):
    """What the new deal is to be; all but the revision may be left out."""

    revision = Revision()
    stage = Reference(queryset=Stage.objects.all(), required=False)
    customer = Reference(queryset=Customer.objects.all(), required=False)
    name = serializers.CharField(max_length=200, required=False)
    amount = NotNegative(max_digits=18, decimal_places=2, required=False)
    expected_close = Day(required=False)


class LeadFilters(ScopedFilters):
    """By what figures are broken down by, so that a figure's rows can be asked for."""

    rep = IdFilter(field_name="owner")
    team = TeamFilter()
    status = filters.MultipleChoiceFilter(choices=LeadStatus.choices)
    source = filters.CharFilter(field_name="source__slug")
    campaign = filters.CharFilter()
    industry = filters.CharFilter()
    size = filters.ChoiceFilter(field_name="size_band", choices=SizeBand.choices)
    region = filters.CharFilter()
    created = PeriodFilter(field_name="created_at")
    converted = PeriodFilter(field_name="converted_at")


class LeadViews(HistoryViews[Lead], UpsertViews[Lead]):
    """Leads of the viewer's scope."""

    queryset = Lead.objects.select_related("owner", "team", "source")
    serializer_class = LeadSerializer
    filterset_class = LeadFilters
    search_fields = ("company_name", "name", "email", "external_id")
    ordering_fields = ("id", "created_at", "converted_at")

    def add(self, fields: Fields) -> Lead:
        return actions.create_lead(
            by=self.viewer, at=self.now, owner=fields.pop("owner", self.viewer), fields=fields
        )

    def change(self, row: Lead, fields: Fields) -> Lead:
        return sync_lead(lead=row, by=self.viewer, at=self.now, changes=fields)

    @extend_schema(request=ConvertSerializer, responses={201: DealSerializer})
    @action(detail=True, methods=["post"])
    def convert(self, request: Request, **_path: str) -> Response:
        """Make a deal of a lead, for a customer or a new one with the lead's segments."""
        row, fields = self.get_object(), self.read_body(request, ConvertSerializer)
        deal = actions.convert_lead(
            lead=row,
            by=self.viewer,
            revision=fields.pop("revision"),
            at=self.now,
            stage=fields.pop("stage", None),
            customer=fields.pop("customer", None),
            fields=fields,
        )
        context = self.get_serializer_context()
        return Response(DealSerializer(deal, context=context).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReassignSerializer)
    @action(detail=True, methods=["post"])
    def reassign(self, request: Request, **_path: str) -> Response:
        """Give a lead to another owner and their team."""
        row, body = self.get_object(), self.read_body(request, ReassignSerializer)
        lead = actions.reassign_lead(
            lead=row,
            to=body["owner"],
            by=self.viewer,
            revision=body["revision"],
            at=self.now,
        )
        return Response(self.represent(lead))
