"""The pipeline's waterfall over HTTP: its bars, and the deals behind each."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from accounts.models import User
from kpis.api import CsvFile, XlsxFile, written
from kpis.parameters import window_from
from kpis.questions import PRESENT, BadQuestion
from kpis.serializers import MissingRateSerializer
from pipeline.exports import FORMATS, export
from pipeline.waterfall import (
    LABELS,
    Bar,
    Moved,
    Step,
    Waterfall,
    Window,
    deals_behind,
    missing_rates,
    waterfall,
)

PAGE = 100
MOST = 1000
KNOWN = frozenset(
    {"scope", "closing", "period", "start", "end", "as_of", "known_at", "structure"}
    | {"format", "step", "page_size", "offset"}
)


class BarSerializer(serializers.Serializer[Bar]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # shadows the field's own label
    value = serializers.CharField(allow_null=True)
    deals = serializers.IntegerField()


class WaterfallSerializer(serializers.Serializer[Waterfall]):
    """The steps from start to end add up exactly; null where an exchange rate is missing."""

    scope = serializers.CharField()
    closing = serializers.CharField()
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField()
    currency = serializers.CharField()
    start = serializers.CharField(allow_null=True)
    end = serializers.CharField(allow_null=True)
    residual = serializers.CharField(allow_null=True)
    steps = BarSerializer(many=True)
    missing_rates = MissingRateSerializer(many=True)


class MovedSerializer(serializers.Serializer[Moved]):
    id = serializers.IntegerField()
    name = serializers.CharField(allow_null=True)
    customer = serializers.CharField(allow_null=True)
    owner = serializers.CharField(allow_null=True)
    amount_before = serializers.CharField(allow_null=True)
    amount_after = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    contribution = serializers.CharField(allow_null=True)


class MovedPageSerializer(serializers.Serializer[Any]):
    """A page of the deals behind a step; contributions add up to `total`."""

    step = serializers.CharField()
    total = serializers.CharField(allow_null=True)
    next = serializers.CharField(allow_null=True)
    results = MovedSerializer(many=True)


def _text(name: str, description: str, choices: tuple[str, ...] = ()) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=description, enum=choices or None)


PARAMETERS = [
    _text("scope", "company, team:SLUG or user:ID; your own by default"),
    _text("closing", "The target period, such as 2026-Q4 or this-quarter"),
    _text("start", "An instant, or a date for its business day's end; the period's start"),
    _text("end", "An instant or a date; now, or the period's end"),
    _text("as_of", "The latest instant that is looked at"),
    _text("known_at", "An instant: as it was known then"),
    _text("structure", "By today's teams", (PRESENT,)),
]


class WaterfallView(APIView):
    @extend_schema(
        responses=WaterfallSerializer, parameters=PARAMETERS, operation_id="waterfall_retrieve"
    )
    def get(self, request: Request) -> Response:
        """What changed the pipeline of a target period between two instants."""
        window = _window(request)
        found = waterfall(window)
        first, *steps, last = found.bars
        return Response(
            {
                "scope": window.scope.code,
                "closing": window.closing.code,
                "start_at": window.closing.calendar.reached_by(window.start),
                "end_at": window.closing.calendar.reached_by(window.end),
                "currency": window.currency,
                "start": written(first.value),
                "end": written(last.value),
                "residual": written(found.residual),
                "steps": [_described(bar) for bar in steps],
                "missing_rates": missing_of(window, found),
            }
        )


class WaterfallRecords(APIView):
    renderer_classes = (JSONRenderer, CsvFile, XlsxFile)

    @extend_schema(
        responses=MovedPageSerializer,
        parameters=[
            *PARAMETERS,
            _text("step", "Whose deals", tuple(Step)),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="At most 1000"),
            OpenApiParameter("offset", OpenApiTypes.INT, description="Where the page begins"),
            _text("format", "The whole table as a file (or by Accept)", ("json", *FORMATS)),
        ],
        operation_id="waterfall_records",
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The deals behind one step."""
        window, step = _window(request), _step(request)
        file_format = request.accepted_renderer.format
        if file_format in FORMATS:
            return moved_file(window, step, file_format=file_format)
        size = number_from(request, "page_size", PAGE, most=MOST)
        offset = number_from(request, "offset", 0)
        rows = deals_behind(window, step, limit=size + 1, offset=offset)
        address = request.build_absolute_uri()
        following = replace_query_param(address, "offset", offset + size)
        found = {bar.step: bar.value for bar in waterfall(window).bars}
        return Response(
            {
                "step": step.value,
                "total": written(found[step]),
                "next": following if len(rows) > size else None,
                "results": [_row(moved) for moved in rows[:size]],
            }
        )


def moved_file(window: Window, step: Step, *, file_format: str) -> HttpResponseBase:
    """All deals of a step as CSV or XLSX."""
    header = [
        _("id"),
        _("name"),
        _("customer"),
        _("owner"),
        _("amount before"),
        _("amount after"),
        _("currency"),
        _("counts as"),
    ]
    lines = (
        [
            moved.deal,
            moved.name,
            moved.customer,
            moved.owner,
            moved.amount_before,
            moved.amount_after,
            moved.currency,
            moved.contribution,
        ]
        for moved in deals_behind(window, step)
    )
    name = f"waterfall-{window.closing.code.replace('..', '_')}-{step.value}"
    return export(name, header, lines, file_format=file_format)


def _window(request: Request) -> Window:
    assert isinstance(request.user, User)
    parameters = request.query_params
    if unknown := sorted(set(parameters) - KNOWN):
        raise ValidationError({unknown[0]: f"Unknown. Use: {', '.join(sorted(KNOWN))}."})
    try:
        return window_from(parameters.dict(), viewer=request.user, at=timezone.now())
    except BadQuestion as error:
        raise ValidationError({error.field: str(error)}) from error


def _step(request: Request) -> Step:
    try:
        return Step(request.query_params.get("step", Step.END))
    except ValueError:
        choices = ", ".join(Step)
        message = _("Use one of: %(choices)s.") % {"choices": choices}
        raise ValidationError({"step": message}) from None


def number_from(request: Request, name: str, default: int, *, most: int = 10**9) -> int:
    """A whole number of the query string. ValidationError where it is none."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ValidationError({name: _("Use a whole number.")})
    return min(max(int(text), 1 if default else 0), most)


def _described(bar: Bar) -> dict[str, Any]:
    return {
        "key": bar.step.value,
        "label": str(LABELS[bar.step]),
        "value": written(bar.value),
        "deals": bar.deals,
    }


def missing_of(window: Window, found: Waterfall) -> list[dict[str, Any]]:
    """The rates without which some bar is not known."""
    if found.residual is not None:
        return []
    return [{"currency": currency, "day": day} for currency, day in missing_rates(window)]


def _row(moved: Moved) -> dict[str, Any]:
    return {
        "id": moved.deal,
        "name": moved.name,
        "customer": moved.customer,
        "owner": moved.owner,
        "amount_before": written(moved.amount_before),
        "amount_after": written(moved.amount_after),
        "currency": moved.currency,
        "contribution": written(moved.contribution),
    }
