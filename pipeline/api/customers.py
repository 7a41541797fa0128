"""Customers: read and write."""

from __future__ import annotations

from django_filters import rest_framework as filters
from rest_framework import serializers

from accounts.models import User
from pipeline.actions import customers as actions
from pipeline.api.facts import FactSerializer, Fields, UpsertViews
from pipeline.api.fields import Reference
from pipeline.api.filters import IdFilter, PeriodFilter
from pipeline.api.history import HistoryViews
from pipeline.models import Customer, SizeBand


class CustomerSerializer(FactSerializer[Customer]):
    """A customer and the segments it is counted under; its size follows from `employees`."""

    owner = Reference(queryset=User.objects.all(), required=False, allow_null=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True, allow_null=True)

    class Meta:
        model = Customer
        fields = (
            "id",
            "external_id",
            "revision",
            "name",
            "industry",
            "size_band",
            "region",
            "employees",
            "owner",
            "owner_name",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("created_at",)


class CustomerFilters(filters.FilterSet):  # type: ignore[misc] # django-filter carries no types
    """By segment and by who looks after them."""

    rep = IdFilter(field_name="owner")
    industry = filters.CharFilter()
    size = filters.ChoiceFilter(field_name="size_band", choices=SizeBand.choices)
    region = filters.CharFilter()
    created = PeriodFilter(field_name="created_at")


class CustomerViews(HistoryViews[Customer], UpsertViews[Customer]):
    """The customers that the viewer looks after or sells to."""

    queryset = Customer.objects.select_related("owner")
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilters
    search_fields = ("name", "external_id")
    ordering_fields = ("id", "name")

    def add(self, fields: Fields) -> Customer:
        return actions.create_customer(by=self.viewer, at=self.now, fields=fields)

    def change(self, row: Customer, fields: Fields) -> Customer:
        revision = fields.pop("revision")
        return actions.edit_customer(
            customer=row, by=self.viewer, revision=revision, changes=fields
        )
