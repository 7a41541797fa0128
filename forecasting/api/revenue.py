"""The revenue forecast over HTTP: its lines, what leads from bookings to it, and their rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Company
from accounts.roles import Permission, require
from forecasting.api.parameters import PARAMETERS, asked_from, text
from forecasting.revenue.asked_by import BYS, BadRevenue, Look, by_of, filters_of
from forecasting.revenue.asking import DIMENSIONS
from forecasting.revenue.lines import Expectations
from forecasting.revenue.reconciliation import STEPS, Reconciliation
from forecasting.revenue.rows import READERS, Behind, behind
from forecasting.revenue.tables import COLUMNS, TableRow, table
from kpis.api import CsvFile, XlsxFile, written
from pipeline.api.fields import viewer_of
from pipeline.exports import FORMATS, export

ROWS = 200
NARROWED = [text(name, f"Only this {name}; empty is what is not known") for name in DIMENSIONS]
ASKED = [each for each in PARAMETERS if each.name != "structure"]
PAGED = text("page", f"Of {ROWS} rows; 1 by default")


class RevenueRowSerializer(serializers.Serializer[Any]):
    """`total` is recognised + scheduled + renewals + uncontracted + open_deals. `renewals` and
    `churn` make up what is `due`; null where no renewal rate or no exchange rate is known."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # shadows the field's own label
    recognised = serializers.CharField(allow_null=True)
    scheduled = serializers.CharField(allow_null=True)
    renewals = serializers.CharField(allow_null=True)
    uncontracted = serializers.CharField(allow_null=True)
    open_deals = serializers.CharField(allow_null=True)
    total = serializers.CharField(allow_null=True)
    due = serializers.CharField(allow_null=True)
    churn = serializers.CharField(allow_null=True)


class ChancesSerializer(serializers.Serializer[Any]):
    """The renewal rate by value of the twelve months before, of the company and by industry."""

    start = serializers.DateField()
    end = serializers.DateField()
    company = serializers.CharField(allow_null=True)
    industries = serializers.DictField(child=serializers.CharField())


class RevenueSerializer(serializers.Serializer[Any]):
    scope = serializers.CharField()
    period = serializers.CharField()
    by = serializers.ChoiceField(choices=BYS)
    currency = serializers.CharField()
    as_of = serializers.DateTimeField()
    renewal_rate = ChancesSerializer()
    count = serializers.IntegerField()
    rows = RevenueRowSerializer(many=True)


class StepSerializer(serializers.Serializer[Any]):
    key = serializers.ChoiceField(choices=tuple(STEPS))
    amount = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()


class ReconciliationSerializer(serializers.Serializer[Any]):
    """The steps `won` and `expected` are the bookings; all of them add up to the revenue."""

    scope = serializers.CharField()
    period = serializers.CharField()
    currency = serializers.CharField()
    as_of = serializers.DateTimeField()
    bookings = serializers.CharField(allow_null=True)
    steps = StepSerializer(many=True)
    revenue = serializers.CharField(allow_null=True)


class BehindSerializer(serializers.Serializer[Any]):
    fact = serializers.ChoiceField(choices=("contract", "deal"))
    id = serializers.IntegerField()
    amount = serializers.CharField(allow_null=True)


class BehindPageSerializer(serializers.Serializer[Any]):
    total = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()
    results = BehindSerializer(many=True)


class RevenueView(APIView):
    renderer_classes = (JSONRenderer, CsvFile, XlsxFile)

    @extend_schema(
        responses=RevenueSerializer,
        parameters=[
            *ASKED,
            text("by", "Over a year back and 18 months ahead, or the parts of the period", BYS),
            *NARROWED,
            PAGED,
            text("format", "Every row as a file (or by Accept)", ("json", *FORMATS)),
        ],
        operation_id="forecast_revenue_retrieve",
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The revenue of a scope by month or quarter, or by part of a dimension."""
        look = _look(request, "by", "page")
        expectations = Expectations.of(look.of_period)
        rows = table(look, expectations, "en")
        if request.accepted_renderer.format in FORMATS:
            lines = ([row.key, row.label, *map(row.figure, COLUMNS)] for row in rows)
            header = ["key", "label", *COLUMNS]
            return export("revenue", header, lines, file_format=request.accepted_renderer.format)
        chances = expectations.chances
        return Response(
            {
                **_of(look),
                "by": look.by,
                "renewal_rate": {
                    "start": chances.window.start,
                    "end": chances.window.end,
                    "company": written(chances.company),
                    "industries": {k: written(rate) for k, rate in chances.by_segment.items()},
                },
                "count": len(rows),
                "rows": [_row(row) for row in _page(request, rows)],
            }
        )


class RevenueReconciliation(APIView):
    @extend_schema(
        responses=ReconciliationSerializer,
        parameters=[*ASKED, *NARROWED],
        operation_id="forecast_revenue_reconciliation",
    )
    def get(self, request: Request) -> Response:
        """From the bookings of a period to its revenue, line by line."""
        look = _look(request)
        found = Reconciliation(look.of_period, Expectations.of(look.of_period))
        return Response(
            {
                **_of(look),
                "bookings": written(found.bookings),
                "steps": [
                    {"key": step.key, "amount": written(step.amount), "count": len(step.rows)}
                    for step in found.steps
                ],
                "revenue": written(found.revenue),
            }
        )


class RevenueRows(APIView):
    @extend_schema(
        responses=BehindPageSerializer,
        parameters=[
            *ASKED,
            text("line", "A line of the revenue", tuple(READERS)),
            text("step", "Or a step that leads to it from bookings", tuple(STEPS)),
            *NARROWED,
            PAGED,
        ],
        operation_id="forecast_revenue_rows",
    )
    def get(self, request: Request) -> Response:
        """The contracts and deals behind a line or step of a period, the largest first."""
        look = _look(request, "line", "step", "page")
        found = _behind(request, look)
        known = [each.amount for each in found if each.amount is not None]
        total = sum(known, Decimal(0)) if len(known) == len(found) else None
        return Response(
            {
                "total": written(total),
                "count": len(found),
                "results": [
                    {"fact": each.fact, "id": each.id, "amount": written(each.amount)}
                    for each in _page(request, found)
                ],
            }
        )


def _look(request: Request, *others: str) -> Look:
    """ValidationError names the parameter that is wrong; PermissionDenied for who may not."""
    require(viewer_of(request), Permission.VIEW_REVENUE)
    asked, parameters = asked_from(request, *DIMENSIONS, *others), request.query_params.dict()
    try:
        by, filters = by_of(parameters), filters_of(parameters)
    except BadRevenue as error:
        raise ValidationError({error.name: str(error)}) from error
    moments = [each for each in (asked.as_of, asked.known_at) if each]
    past = min(*moments, asked.at) if moments else None
    at = past or asked.at
    return Look(asked.viewer, asked.scope, asked.period, at, by, filters, past, asked.known_at)


def _behind(request: Request, look: Look) -> list[Behind]:
    line, step = request.query_params.get("line", ""), request.query_params.get("step", "")
    expectations = Expectations.of(look.of_period)
    if line in READERS:
        return behind(line, look.of_period, expectations)
    if step in STEPS:
        steps = Reconciliation(look.of_period, expectations).steps
        return next(each.rows for each in steps if each.key == step)
    offered = ", ".join(READERS)
    raise ValidationError({"line": _("Use one of: %(choices)s.") % {"choices": offered}})


def _page(request: Request, rows: list[Any]) -> list[Any]:
    return list(Paginator(rows, ROWS).get_page(request.query_params.get("page")))


def _of(look: Look) -> dict[str, Any]:
    return {
        "scope": look.scope.code,
        "period": look.of_period.periods[0].code,
        "currency": Company.current().currency,
        "as_of": look.at,
    }


def _row(row: TableRow) -> dict[str, Any]:
    figures = {column: written(row.figure(column)) for column in COLUMNS}
    return {"key": row.key, "label": row.label, **figures}
