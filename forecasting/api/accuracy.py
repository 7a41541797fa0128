"""How right forecasts have been, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Company
from forecasting.accuracy.horizons import Horizon
from forecasting.accuracy.scores import Score
from forecasting.accuracy.skill import Verdict
from forecasting.accuracy.table import By, Method, accuracy
from forecasting.api.asking import chosen, wanted
from periods import Grain, Period

KNOWN = frozenset({"scope", "horizon", "by", "format"})
_PLACES = Decimal("0.000001")


class MethodSerializer(serializers.Serializer[Any]):
    """Fractions; null where a method said nothing or nothing came. `coverage` is the model's:
    the share of outcomes between P10 and P90."""

    method = serializers.ChoiceField(choices=[each.value for each in Method])
    cases = serializers.IntegerField()
    wape = serializers.CharField(allow_null=True)
    bias = serializers.CharField(allow_null=True)
    coverage = serializers.CharField(allow_null=True)


class QuarterSerializer(serializers.Serializer[Any]):
    period = serializers.CharField()
    methods = MethodSerializer(many=True)


class SkillSerializer(serializers.Serializer[Any]):
    """Claimed only where the model beat every simple method by more than luck; `rival` is the
    hardest of them."""

    claimed = serializers.BooleanField()
    cases = serializers.IntegerField()
    rival = serializers.CharField()
    model_wape = serializers.CharField(allow_null=True)
    rival_wape = serializers.CharField(allow_null=True)


class AccuracySerializer(serializers.Serializer[Any]):
    scope = serializers.CharField()
    horizon = serializers.ChoiceField(choices=[each.value for each in Horizon])
    by = serializers.ChoiceField(choices=[each.value for each in By])
    methods = MethodSerializer(many=True)
    quarters = QuarterSerializer(many=True)
    skill = SkillSerializer()


class AccuracyView(APIView):
    @extend_schema(
        responses=AccuracySerializer,
        parameters=[
            OpenApiParameter("scope", str, description="company, team:SLUG or user:ID; your own"),
            OpenApiParameter("horizon", str, enum=[each.value for each in Horizon]),
            OpenApiParameter("by", str, enum=[each.value for each in By]),
        ],
        operation_id="forecast_accuracy_retrieve",
    )
    def get(self, request: Request) -> Response:
        """Every method's bias and error over the replayed quarters, at one horizon."""
        scope = wanted(request, KNOWN).scope
        horizon = Horizon(chosen(request, "horizon", tuple(Horizon)))
        by = By(chosen(request, "by", tuple(By)))
        found = accuracy(horizon, scope, by)
        calendar = Company.current().calendar
        quarters = found.split(lambda row: Period.containing(row.start, Grain.QUARTER, calendar))
        return Response(
            {
                "scope": scope.code,
                "horizon": horizon,
                "by": by,
                "methods": _methods(found.scores),
                "quarters": [
                    {"period": period.code, "methods": _methods(scores)}
                    for period, scores in quarters.items()
                ],
                "skill": _skill(found.verdict),
            }
        )


def _methods(scores: Mapping[Method, Score]) -> list[dict[str, Any]]:
    return [
        {
            "method": method.value,
            "cases": score.cases,
            "wape": _written(score.wape),
            "bias": _written(score.bias),
            "coverage": _written(score.coverage),
        }
        for method, score in scores.items()
    ]


def _skill(verdict: Verdict) -> dict[str, Any]:
    return {
        "claimed": verdict.is_skilled,
        "cases": verdict.cases,
        "rival": verdict.rival,
        "model_wape": _share(verdict.model),
        "rival_wape": _share(verdict.other),
    }


def _share(value: float | None) -> str | None:
    return None if value is None else _written(Decimal(value))


def _written(value: Decimal | None) -> str | None:
    return None if value is None else str(value.quantize(_PLACES))
