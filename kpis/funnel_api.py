"""The funnel backwards over HTTP: what a target still takes, and by when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpis.api import PARAMETERS, named_faults, question_asked, written
from kpis.evaluate import answer
from kpis.funnel import RATES, Required, funnel_questions, required
from kpis.questions import Answer
from kpis.spans import year_to
from pipeline.api.fields import viewer_of

KNOWN = frozenset({"scope", "period", "as_of", "known_at", "structure"})


class FunnelSerializer(serializers.Serializer[Any]):
    """Decimals are strings; null where no target is set, or a rate of the window is not known.

    `rates` are those of `window`; `worth_of_an_inquiry` follows from them. The `inquiries` that
    lead to the `deals` that bring what is `missing` are needed `by` a cycle before the period's
    last day.
    """

    scope = serializers.CharField()
    period = serializers.CharField()
    as_of = serializers.DateTimeField()
    target = serializers.CharField(allow_null=True)
    won = serializers.CharField(allow_null=True)
    missing = serializers.CharField(allow_null=True)
    deals = serializers.IntegerField(allow_null=True)
    inquiries = serializers.IntegerField(allow_null=True)
    by = serializers.DateField(allow_null=True)
    worth_of_an_inquiry = serializers.CharField(allow_null=True)
    window = serializers.CharField()
    rates = serializers.DictField(
        child=serializers.CharField(allow_null=True), help_text=", ".join(RATES)
    )


class FunnelView(APIView):
    """The funnel backwards."""

    @extend_schema(
        responses=FunnelSerializer,
        parameters=[each for each in PARAMETERS if each.name in KNOWN],
        operation_id="funnel_retrieve",
    )
    def get(self, request: Request) -> Response:
        """How many deals and inquiries a target of won revenue still takes, and by when."""
        at = timezone.now()
        with named_faults():
            won = question_asked(request, "won_revenue", KNOWN, at=at)
            questions = funnel_questions(won, year_to(won.period))
            answers = answer(questions, viewer=viewer_of(request), at=at)
        return Response(_told(answers))


def _told(answers: list[Answer]) -> dict[str, Any]:
    won, *rates = answers
    takes = required(answers)
    return {
        "scope": won.question.scope.code,
        "period": won.question.period.code,
        "as_of": won.at,
        "target": written(won.target),
        "won": written(won.value),
        **_taken(takes),
        "window": rates[0].question.period.code,
        "rates": {each.kpi.key: written(each.value) for each in rates},
    }


def _taken(takes: Required | None) -> dict[str, str | int | date | None]:
    if takes is None:
        return dict.fromkeys(("missing", "deals", "inquiries", "by", "worth_of_an_inquiry"))
    worth: Decimal | None = takes.funnel.worth_of_an_inquiry
    return {
        "missing": written(takes.missing),
        "deals": takes.deals,
        "inquiries": takes.inquiries,
        "by": takes.by,
        "worth_of_an_inquiry": written(worth),
    }
