"""Costs, for those who may see them, and exchange rates, for everyone."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Team
from accounts.roles import Permission, require
from pipeline.actions import finance as actions
from pipeline.api.facts import (
    DeletableViews,
    FactSerializer,
    Fields,
    RowSerializer,
    StrictSerializer,
    UpsertViews,
)
from pipeline.api.fields import BySlug, Day, NotNegative
from pipeline.api.filters import IdFilter, PeriodFilter, TeamFilter
from pipeline.api.history import HistoryViews
from pipeline.models import Cost, CostKind, Rate, Source


class CostSerializer(FactSerializer[Cost]):
    """Money spent on a day, or in the month that begins on it."""

    team = BySlug(queryset=Team.objects.all(), required=False, allow_null=True)
    source: Any = BySlug(queryset=Source.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Cost
        fields = (
            "id",
            "external_id",
            "revision",
            "kind",
            "day",
            "amount",
            "currency",
            "team",
            "source",
            "deal",
            "customer",
            "product",
            "note",
            "updated_at",
        )


class CostFilters(filters.FilterSet):  # type: ignore[misc] # django-filter carries no types
    """By what the money was spent on, and when."""

    kind = filters.ChoiceFilter(choices=CostKind.choices)
    team = TeamFilter()
    source = filters.CharFilter(field_name="source__slug")
    product = IdFilter()
    customer = IdFilter()
    deal = IdFilter()
    period = PeriodFilter(field_name="day", days=True)


class CostViews(HistoryViews[Cost], UpsertViews[Cost], DeletableViews[Cost]):
    """Every cost; 403 for those who may not see costs, since they tell salaries."""

    queryset = Cost.objects.select_related("team", "source")
    serializer_class = CostSerializer
    filterset_class = CostFilters
    search_fields = ("note", "external_id")
    ordering_fields = ("id", "day")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require(self.viewer, Permission.VIEW_COSTS)

    def add(self, fields: Fields) -> Cost:
        return actions.create_cost(by=self.viewer, fields=fields)

    def change(self, row: Cost, fields: Fields) -> Cost:
        revision = fields.pop("revision")
        return actions.edit_cost(cost=row, by=self.viewer, revision=revision, changes=fields)

    def remove(self, row: Cost, revision: int) -> None:
        actions.delete_cost(cost=row, by=self.viewer, revision=revision)


class RateSerializer(RowSerializer[Rate]):
    """The price of one unit of a currency in the company's own, on a day."""

    day = Day()

    class Meta:
        model = Rate
        fields = ("id", "currency", "day", "price")

    fixed = ("currency", "day")
    how_to_change_fixed = _("A price stays that of its currency and day.")


class PriceSerializer(StrictSerializer):
    price = NotNegative(max_digits=20, decimal_places=8)


class RateFilters(filters.FilterSet):  # type: ignore[misc] # django-filter carries no types
    currency = filters.CharFilter()
    period = PeriodFilter(field_name="day", days=True)


class RateViews(DeletableViews[Rate]):
    """Exchange rates. `PUT rates/USD/2026-11-03/` writes a day's price, known or not."""

    queryset = Rate.objects.all()
    serializer_class = RateSerializer
    filterset_class = RateFilters
    ordering_fields = ("id", "day")

    def add(self, fields: Fields) -> Rate:
        return actions.set_rate(by=self.viewer, **fields)

    def change(self, row: Rate, fields: Fields) -> Rate:
        return actions.edit_rate(rate=row, by=self.viewer, price=fields.get("price", row.price))

    def remove(self, row: Rate, revision: int) -> None:  # noqa: ARG002 # a rate has none
        actions.delete_rate(rate=row, by=self.viewer)

    @extend_schema(
        operation_id="rates_set",
        request=PriceSerializer,
        parameters=[
            OpenApiParameter("currency", OpenApiTypes.STR, OpenApiParameter.PATH),
            OpenApiParameter("day", OpenApiTypes.DATE, OpenApiParameter.PATH),
        ],
    )
    @action(
        detail=False,
        methods=["put"],
        url_path=r"(?P<currency>[A-Z]{3})/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})",
    )
    def on_day(self, request: Request, currency: str, day: str) -> Response:
        """Write the price of a currency on a day."""
        price = self.read_body(request, PriceSerializer)["price"]
        moment = Day().run_validation(day)
        rate = actions.set_rate(by=self.viewer, currency=currency, day=moment, price=price)
        return Response(self.represent(rate))
