"""What changed in a forecast, over HTTP: its deals, and what people said of it."""

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

from forecasting.api.parameters import PARAMETERS, text
from forecasting.change_files import calls_file, changes_file
from forecasting.changes import CallChange, call_changes, calls_between, window_asked
from forecasting.models import Column
from kpis.api import CsvFile, XlsxFile, written
from kpis.questions import BadQuestion
from kpis.serializers import MissingRateSerializer
from kpis.waterfall_api import MOST, PAGE, missing_of, number_from
from pipeline.api.fields import viewer_of
from pipeline.deal_changes import KIND_LABELS, Change, Kind, Tally, changes, what_changed
from pipeline.exports import FORMATS
from pipeline.waterfall import Step, Window

ASKED = frozenset({"scope", "period", "as_of", "known_at", "structure", "start", "end"})
PAGED = frozenset({"page_size", "offset", "format"})
WINDOW = [
    *PARAMETERS,
    text("start", "An instant, or a date for its business day's end; a week before the end"),
    text("end", "An instant or a date; now, or the period's end"),
]
PAGES = [
    OpenApiParameter("page_size", OpenApiTypes.INT, description="At most 1000"),
    OpenApiParameter("offset", OpenApiTypes.INT, description="Where the page begins"),
    text("format", "The whole list as a file (or by Accept)", ("json", *FORMATS)),
]


class TallySerializer(serializers.Serializer[Tally]):
    key = serializers.ChoiceField([(kind.value, label) for kind, label in KIND_LABELS.items()])
    label = serializers.CharField()  # type: ignore[assignment]  # shadows the field's own label
    value = serializers.CharField(allow_null=True)
    changes = serializers.IntegerField()


class DealChangeSerializer(serializers.Serializer[Change]):
    """One thing that happened to a deal; `contribution` is what it did to the pipeline."""

    kind = serializers.CharField()
    id = serializers.IntegerField()
    name = serializers.CharField(allow_null=True)
    customer = serializers.CharField(allow_null=True)
    owner_before = serializers.CharField(allow_null=True)
    owner = serializers.CharField(allow_null=True)
    amount_before = serializers.CharField(allow_null=True)
    amount_after = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    due_before = serializers.DateField(allow_null=True)
    due_after = serializers.DateField(allow_null=True)
    category_before = serializers.CharField(allow_null=True)
    category_after = serializers.CharField(allow_null=True)
    contribution = serializers.CharField(allow_null=True)
    pushes = serializers.IntegerField()


class ChangesSerializer(serializers.Serializer[Any]):
    """A page of changes; all contributions together are `end` less `start`."""

    scope = serializers.CharField()
    period = serializers.CharField()
    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField()
    currency = serializers.CharField()
    start = serializers.CharField(allow_null=True)
    end = serializers.CharField(allow_null=True)
    kinds = TallySerializer(many=True)
    missing_rates = MissingRateSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    results = DealChangeSerializer(many=True)


class CallMoveSerializer(serializers.Serializer[Any]):
    column = serializers.ChoiceField(Column.choices)
    before = serializers.CharField()
    after = serializers.CharField()


class CallChangeSerializer(serializers.Serializer[CallChange]):
    at = serializers.DateTimeField()
    author = serializers.IntegerField()
    author_name = serializers.CharField()
    whose = serializers.CharField()
    what = serializers.CharField()
    moved = CallMoveSerializer(many=True)
    why = serializers.CharField()


class CallChangesSerializer(serializers.Serializer[Any]):
    """A page of what was said, the newest first."""

    next = serializers.CharField(allow_null=True)
    results = CallChangeSerializer(many=True)


class ForecastChanges(APIView):
    renderer_classes = (JSONRenderer, CsvFile, XlsxFile)

    @extend_schema(
        responses=ChangesSerializer,
        parameters=[*WINDOW, text("kind", "Only this kind", tuple(Kind)), *PAGES],
        operation_id="forecast_changes_retrieve",
    )
    def get(self, request: Request) -> HttpResponseBase:
        """What happened to the deals of a target period between two instants."""
        window, kinds = _window(request, "kind"), _kinds(request)
        file_format = request.accepted_renderer.format
        if file_format in FORMATS:
            return changes_file(window, kinds, file_format=file_format)
        size, offset = _page(request)
        rows = changes(window, kinds, limit=size + 1, offset=offset)
        return Response(
            {
                **_summary(window),
                "next": _next(request, len(rows), size, offset),
                "results": [_change(each) for each in rows[:size]],
            }
        )


class ForecastCallChanges(APIView):
    renderer_classes = (JSONRenderer, CsvFile, XlsxFile)

    @extend_schema(
        responses=CallChangesSerializer,
        parameters=[*WINDOW, *PAGES],
        operation_id="forecast_changes_calls",
    )
    def get(self, request: Request) -> HttpResponseBase:
        """What people submitted and adjusted between two instants: who, from what, why."""
        window, file_format = _window(request), request.accepted_renderer.format
        if file_format in FORMATS:
            return calls_file(window, file_format=file_format)
        size, offset = _page(request)
        keys = list(calls_between(window)[offset : offset + size + 1])
        return Response(
            {
                "next": _next(request, len(keys), size, offset),
                "results": [_call(each) for each in call_changes(keys[:size])],
            }
        )


def _window(request: Request, *others: str) -> Window:
    parameters = request.query_params
    known = ASKED | PAGED | set(others)
    if unknown := sorted(set(parameters) - known):
        raise ValidationError({unknown[0]: f"Unknown. Use: {', '.join(sorted(known))}."})
    try:
        return window_asked(parameters.dict(), viewer=viewer_of(request), at=timezone.now())
    except BadQuestion as error:
        raise ValidationError({error.field: str(error)}) from error


def _kinds(request: Request) -> tuple[Kind, ...]:
    chosen = request.query_params.get("kind", "")
    if chosen not in ("", *Kind):
        message = _("Use one of: %(choices)s.") % {"choices": ", ".join(Kind)}
        raise ValidationError({"kind": message})
    return (Kind(chosen),) if chosen else ()


def _page(request: Request) -> tuple[int, int]:
    return number_from(request, "page_size", PAGE, most=MOST), number_from(request, "offset", 0)


def _next(request: Request, found: int, size: int, offset: int) -> str | None:
    address = request.build_absolute_uri()
    return replace_query_param(address, "offset", offset + size) if found > size else None


def _summary(window: Window) -> dict[str, Any]:
    found = what_changed(window)
    bars = {bar.step: bar.value for bar in found.waterfall.bars}
    reached = window.closing.calendar.reached_by
    return {
        "scope": window.scope.code,
        "period": window.closing.code,
        "start_at": reached(window.start),
        "end_at": reached(window.end),
        "currency": window.currency,
        "start": written(bars[Step.START]),
        "end": written(bars[Step.END]),
        "kinds": [_tally(each) for each in found.tallies],
        "missing_rates": missing_of(window, found.waterfall),
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "key": tally.kind.value,
        "label": str(KIND_LABELS[tally.kind]),
        "value": written(tally.value),
        "changes": tally.changes,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "id": change.deal,
        "name": change.name,
        "customer": change.customer,
        "owner_before": change.owner_before,
        "owner": change.owner,
        "amount_before": written(change.amount_before),
        "amount_after": written(change.amount_after),
        "currency": change.currency,
        "due_before": change.due_before,
        "due_after": change.due_after,
        "category_before": change.category_before,
        "category_after": change.category_after,
        "contribution": written(change.contribution),
        "pushes": change.pushes,
    }


def _call(call: CallChange) -> dict[str, Any]:
    return {
        "at": call.at,
        "author": call.author.pk,
        "author_name": str(call.author),
        "whose": call.whose,
        "what": call.what,
        "moved": [
            {
                "column": each.column.value,
                "before": written(each.before),
                "after": written(each.after),
            }
            for each in call.moved
        ],
        "why": call.why,
    }
