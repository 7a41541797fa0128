"""The model forecast over HTTP: where a scope lands, and the chances of its deals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Company
from forecasting.api.asking import Wanted, wanted
from forecasting.model.deals import Weighed, weighed
from forecasting.model.told import Told, told
from kpis.api import written

KNOWN = frozenset({"scope", "period", "as_of", "format"})
PARAMETERS = [
    OpenApiParameter("scope", str, description="company, team:SLUG or user:ID; your own"),
    OpenApiParameter("period", str, description="A quarter or month; this-quarter by default"),
    OpenApiParameter("as_of", str, description="An instant or a date: as it was told by then"),
]
_PLACES = Decimal("0.0001")


class ModelSerializer(serializers.Serializer[Any]):
    """Where the period lands: a tenth of the outcomes lies below p10, a tenth above p90.

    `state` is ok, not_learned, too_little (history) or nothing (of this scope); other than ok
    the figures are null.
    """

    scope = serializers.CharField()
    period = serializers.CharField()
    state = serializers.ChoiceField(choices=["ok", "not_learned", "too_little", "nothing"])
    learned_at = serializers.DateTimeField(allow_null=True)
    periods = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    booked = serializers.CharField(allow_null=True)
    p10 = serializers.CharField(allow_null=True)
    p50 = serializers.CharField(allow_null=True)
    p90 = serializers.CharField(allow_null=True)
    target = serializers.CharField(allow_null=True)
    chance = serializers.CharField(allow_null=True)


class ReasonSerializer(serializers.Serializer[Any]):
    words = serializers.CharField()
    helps = serializers.BooleanField()


class FlagSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    why = serializers.CharField()


class WeighedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    probability = serializers.CharField()
    amount = serializers.CharField(allow_null=True)
    reasons = ReasonSerializer(many=True)
    flags = FlagSerializer(many=True)


class ModelDealsSerializer(serializers.Serializer[Any]):
    """The largest open deals, what is to be expected of them most first."""

    scope = serializers.CharField()
    period = serializers.CharField()
    state = serializers.CharField()
    results = WeighedSerializer(many=True)


class ModelView(APIView):
    @extend_schema(
        responses=ModelSerializer, parameters=PARAMETERS, operation_id="forecast_model_retrieve"
    )
    def get(self, request: Request) -> Response:
        """Where the model sees a period end."""
        asked, found = _told(request)
        run, figure = found.run, found.figure
        names = ("booked", "p10", "p50", "p90", "target", "chance")
        return Response(
            {
                "scope": asked.scope.code,
                "period": asked.period.code,
                "state": found.state,
                "learned_at": run.at if run else None,
                "periods": run.periods if run else None,
                "currency": Company.current().currency,
                **{name: written(getattr(figure, name)) if figure else None for name in names},
            }
        )


class ModelDeals(APIView):
    @extend_schema(
        responses=ModelDealsSerializer, parameters=PARAMETERS, operation_id="forecast_model_deals"
    )
    def get(self, request: Request) -> Response:
        """The chances of the open deals, with reasons and flags."""
        asked, found = _told(request)
        deals: list[Weighed] = []
        if found.run is not None and found.run.is_enough:
            deals = weighed(found.run, asked.scope, asked.period, viewer=asked.viewer, at=asked.at)
        return Response(
            {
                "scope": asked.scope.code,
                "period": asked.period.code,
                "state": found.state,
                "results": [_described(each) for each in deals],
            }
        )


def _told(request: Request) -> tuple[Wanted, Told]:
    asked = wanted(request, KNOWN)
    return asked, told(asked.scope, asked.period, at=asked.at)


def _described(each: Weighed) -> dict[str, Any]:
    worth = None if each.worth is None else Decimal(each.worth).quantize(Decimal("0.01"))
    return {
        "id": each.deal.pk,
        "name": each.deal.name,
        "probability": str(Decimal(each.chance).quantize(_PLACES)),
        "amount": written(worth),
        "reasons": [{"words": why.words, "helps": why.helps} for why in each.reasons],
        "flags": [{"text": flag.text, "why": flag.why} for flag in each.flags],
    }
