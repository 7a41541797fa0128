"""The roll-up over HTTP: the grid of a scope, as JSON or a file, and the history of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from charts.data import Style
from forecasting.api.parameters import PARAMETERS, asked_from, text
from forecasting.asking import Asked
from forecasting.calls import Figure
from forecasting.cells import NoSuchMember, history_of, opened
from forecasting.forecasts import forecast
from forecasting.grid import CUMULATIVE, MODES, Grid, Row
from forecasting.models import Column
from kpis.api import CsvFile, XlsxFile, written
from pipeline.exports import FORMATS, export


class FigureSerializer(serializers.Serializer[Any]):
    """The layers of a figure; `value` is what counts, `number` how often it was adjusted."""

    value = serializers.CharField(allow_null=True)
    system = serializers.CharField(allow_null=True)
    submitted = serializers.CharField(allow_null=True)
    adjusted = serializers.CharField(allow_null=True)
    stale = serializers.BooleanField()
    number = serializers.IntegerField()


class ForecastRowSerializer(serializers.Serializer[Any]):
    """A member or the whole: amounts of the mode's columns, and what was called."""

    key = serializers.CharField()
    team = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    target = serializers.CharField(allow_null=True)
    amounts = serializers.DictField(child=serializers.CharField(allow_null=True))
    commit = FigureSerializer()
    best_case = FigureSerializer()
    gap = serializers.CharField(allow_null=True)
    gap_coverage = serializers.CharField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    waiting = serializers.BooleanField()


class ForecastSerializer(serializers.Serializer[Any]):
    """Decimals are strings in the company's currency; null where an exchange rate is missing."""

    scope = serializers.CharField()
    period = serializers.CharField()
    mode = serializers.ChoiceField(MODES)
    currency = serializers.CharField()
    as_of = serializers.DateTimeField()
    total = ForecastRowSerializer()
    rows = ForecastRowSerializer(many=True)


class SaidSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    author = serializers.IntegerField()
    author_name = serializers.CharField()
    what = serializers.CharField()
    column = serializers.ChoiceField(Column.choices)
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)
    why = serializers.CharField()


class ForecastView(APIView):
    renderer_classes = (JSONRenderer, CsvFile, XlsxFile)

    @extend_schema(
        responses=ForecastSerializer,
        parameters=[
            *PARAMETERS,
            text("mode", "Which columns", MODES),
            text("format", "The whole grid as a file (or by Accept)", ("json", *FORMATS)),
        ],
        operation_id="forecast_retrieve",
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The forecast of a scope and of each of its members."""
        asked = asked_from(request, "mode")
        mode = request.query_params.get("mode") or CUMULATIVE
        if mode not in MODES:
            message = _("Use one of: %(choices)s.") % {"choices": ", ".join(MODES)}
            raise ValidationError({"mode": message})
        found = forecast(asked.reading(asked.period), asked.tree, everybody=True)
        grid = Grid(asked, found, Style("en", found.reading.currency), mode)
        if request.accepted_renderer.format in FORMATS:
            return _file(grid, request.accepted_renderer.format)
        whole, *rows = (_row(each, grid) for each in grid.rows())
        return Response(
            {
                "scope": asked.scope.code,
                "period": asked.period.code,
                "mode": mode,
                "currency": found.reading.currency,
                "as_of": found.reading.at,
                "total": whole,
                "rows": rows,
            }
        )


class ForecastHistory(APIView):
    @extend_schema(
        responses=SaidSerializer(many=True),
        parameters=[
            *PARAMETERS,
            text("team", "Of a person: in this team, by its short name"),
            text("column", "Only this column", tuple(Column.values)),
        ],
        operation_id="forecast_history",
    )
    def get(self, request: Request) -> Response:
        """Who said what of a member's figures, when, from what and why; the newest first."""
        asked, column = (
            asked_from(request, "team", "column"),
            request.query_params.get("column", ""),
        )
        if column not in ("", *Column.values):
            message = _("Use one of: %(choices)s.") % {"choices": ", ".join(Column.values)}
            raise ValidationError({"column": message})
        return Response([*_history(asked, request.query_params.get("team", ""), column)])


def _history(asked: Asked, team: str, column: str) -> Iterator[dict[str, Any]]:
    try:
        found = opened(asked, team)
    except NoSuchMember as error:
        raise NotFound from error
    for each in history_of(found, column):
        yield {
            "at": each.at,
            "author": each.author.pk,
            "author_name": str(each.author),
            "what": each.what,
            "column": each.column,
            "before": written(each.before),
            "after": written(each.after),
            "why": each.why,
        }


def _row(row: Row, grid: Grid) -> dict[str, Any]:
    node, called = row.node, grid.found.calls.of(row.node)
    standing, tree = grid.standing(node), grid.asked.tree
    team = tree.teams[node.team].slug if node.team else None
    own = f"user:{node.user}" if node.user is not None else f"team:{team}"
    return {
        "key": grid.asked.scope.code if row.is_total else own,
        "team": team,
        "name": row.name,
        "target": written(standing.target),
        "amounts": {head.key: written(head.amount(node.amounts)) for head in grid.heads},
        "commit": _figure(called.commit, is_total=row.is_total),
        "best_case": _figure(called.best_case, is_total=row.is_total),
        "gap": written(standing.gap),
        "gap_coverage": written(standing.coverage),
        "submitted_at": called.submission.at if called.submission else None,
        "waiting": grid.is_waiting(node),
    }


def _figure(figure: Figure, *, is_total: bool) -> dict[str, Any]:
    return {
        "value": written(figure.base if is_total else figure.value),
        "system": written(figure.system),
        "submitted": written(figure.submitted),
        "adjusted": written(figure.adjusted),
        "stale": figure.is_stale,
        "number": figure.number,
    }


def _file(grid: Grid, file_format: str) -> HttpResponseBase:
    """A line a member, the whole first; figures as they are, not as words."""
    header = [
        _("Member"),
        _("Target"),
        *(str(head.label) for head in grid.heads),
        *(_("%(column)s, system") % {"column": label} for label in _called_labels(grid)),
        _("Gap"),
        _("Coverage of the gap"),
        _("Last change"),
        _("Note"),
    ]
    lines = ([_known(cell) for cell in _line(row, grid)] for row in grid.rows())
    name = f"forecast-{grid.found.period.code.replace('..', '_')}"
    return export(name, header, lines, file_format=file_format)


def _called_labels(grid: Grid) -> list[str]:
    return [str(head.label) for head in grid.heads if head.column]


def _line(row: Row, grid: Grid) -> Iterator[Any]:
    called, standing = grid.found.calls.of(row.node), grid.standing(row.node)
    yield row.name
    yield standing.target
    for head in grid.heads:
        figure = called.of(head.column)
        counts = figure.base if row.is_total else figure.value
        yield counts if head.column else head.amount(row.node.amounts)
    yield from (called.of(head.column).system for head in grid.heads if head.column)
    yield standing.gap
    yield standing.coverage
    yield row.changed_at
    yield row.waiting or row.note


def _known(cell: Any) -> Any:
    return None if isinstance(cell, Decimal) and cell.is_nan() else cell
