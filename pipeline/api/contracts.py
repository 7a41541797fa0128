"""Contracts: read by whoever sees them, written by finance."""

from __future__ import annotations

from django_filters import rest_framework as filters
from rest_framework import serializers

from accounts.models import Team, User
from pipeline.actions import finance as actions
from pipeline.api.facts import DeletableViews, FactSerializer, Fields, UpsertViews
from pipeline.api.fields import BySlug, Reference
from pipeline.api.filters import IdFilter, PeriodFilter, ScopedFilters, TeamFilter
from pipeline.api.history import HistoryViews
from pipeline.models import Contract


class ContractSerializer(FactSerializer[Contract]):
    """A contract, in force from `start` until the day before `end`."""

    customer_name = serializers.CharField(source="customer.name", read_only=True)
    owner = Reference(queryset=User.objects.all(), required=False, allow_null=True)
    team = BySlug(queryset=Team.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Contract
        fields = (
            "id",
            "external_id",
            "revision",
            "customer",
            "customer_name",
            "deal",
            "owner",
            "team",
            "plan",
            "start",
            "end",
            "value",
            "monthly_price",
            "currency",
            "billing",
            "schedule",
            "signed_on",
            "delivered_on",
            "auto_renew",
            "term_months",
            "renews",
            "is_trial",
            "updated_at",
        )


class ContractFilters(ScopedFilters):
    """By whom, and by when they begin and fall due."""

    rep = IdFilter(field_name="owner")
    team = TeamFilter()
    customer = IdFilter()
    deal = IdFilter()
    billing = filters.ChoiceFilter(choices=Contract.Billing.choices)
    schedule = filters.ChoiceFilter(choices=Contract.Schedule.choices)
    is_trial = filters.BooleanFilter()
    starting = PeriodFilter(field_name="start", days=True)
    due = PeriodFilter(field_name="end", days=True)


class ContractViews(HistoryViews[Contract], UpsertViews[Contract], DeletableViews[Contract]):
    """The contracts of the viewer's scope."""

    queryset = Contract.objects.select_related("customer", "team")
    serializer_class = ContractSerializer
    filterset_class = ContractFilters
    search_fields = ("plan", "customer__name", "external_id")
    ordering_fields = ("id", "end")

    def add(self, fields: Fields) -> Contract:
        return actions.create_contract(by=self.viewer, fields=fields)

    def change(self, row: Contract, fields: Fields) -> Contract:
        revision = fields.pop("revision")
        return actions.edit_contract(
            contract=row, by=self.viewer, revision=revision, changes=fields
        )

    def remove(self, row: Contract, revision: int) -> None:
        actions.delete_contract(contract=row, by=self.viewer, revision=revision)
