"""The catalog and its figures over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import allowed
from kpis.declarations import Kpi, Result
from kpis.evaluate import answer
from kpis.parameters import KNOWN, question_from
from kpis.questions import (
    COMPARISONS,
    DIMENSIONS,
    GRAINS,
    Answer,
    BadQuestion,
    Comparison,
    Question,
    Row,
)
from kpis.records import Records, records
from kpis.registry import all_kpis
from kpis.serializers import AnswerSerializer, KpiSerializer, RecordsSerializer
from pipeline.api.fields import viewer_of
from pipeline.exports import FORMATS, export


def written(value: Decimal | None) -> str | None:
    """A decimal as the API writes it: without an exponent or needless zeros, at most six places."""
    if value is None or value.is_nan():
        return None
    rounded = round(value, 6)
    return f"{rounded.normalize():f}" if rounded else "0"


def _text(name: str, description: str, choices: tuple[str, ...] = ()) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=description, enum=choices or None)


ONLY = {"team": "Only this team, with those below it"}
PARAMETERS = [
    _text("period", "Such as 2017-Q4, 2026-11, 2026-W47, 2026-10-01..2026-11-15, this-quarter"),
    _text("scope", "company, team:SLUG or user:ID; your own by default"),
    _text("by", "Split by time or by a dimension", (*GRAINS, *DIMENSIONS)),
    _text("grain", "With by=DIMENSION: each of its parts over time, as its row's cells", GRAINS),
    _text("basis", "One of the KPI's bases"),
    _text("compare", "With an earlier period, like for like", COMPARISONS),
    _text("of", "The KPI that target_attainment is about"),
    _text("closing", "Only open deals expected to close in this period"),
    _text("as_of", "An instant, or a date for its business day's end: as it was then"),
    _text("known_at", "An instant: as it was known then"),
    _text("structure", "Credits the past by the teams as they stand today", ("present",)),
    *(_text(name, ONLY.get(name, f"Only this {name}")) for name in DIMENSIONS),
]


class KpiList(APIView):
    """The catalog."""

    @extend_schema(responses=KpiSerializer(many=True), operation_id="kpis_list")
    def get(self, request: Request) -> Response:
        """The catalog: every KPI that you may see."""
        user = viewer_of(request)
        shown = [
            kpi for kpi in all_kpis().values() if kpi.needs is None or allowed(user, kpi.needs)
        ]
        return Response([_described(kpi) for kpi in shown])


class KpiDetail(APIView):
    """One figure."""

    @extend_schema(responses=AnswerSerializer, parameters=PARAMETERS, operation_id="kpis_retrieve")
    def get(self, request: Request, key: str) -> Response:
        """One figure, with its parts, target, comparison and split."""
        at = timezone.now()
        with named_faults():
            question = question_asked(request, key, KNOWN, at=at)
            (found,) = answer([question], viewer=viewer_of(request), at=at)
        return Response(_answered(found))


class _File(BaseRenderer):
    """A table as a file; the view writes it itself, since it is streamed."""

    charset = None

    def render(self, data: Any, *_arguments: Any) -> bytes:
        return JSONRenderer().render(data)


class CsvFile(_File):
    """Asked for by `format=csv` or Accept."""

    media_type = "text/csv"
    format = "csv"


class XlsxFile(_File):
    """Asked for by `format=xlsx` or Accept."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"


class RecordPages(CursorPagination):
    """Pages in the order of the records' ids."""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    ordering = "record"


class KpiRecords(APIView):
    """The rows behind a figure, in pages or as a file."""

    renderer_classes = (JSONRenderer, CsvFile, XlsxFile)

    @extend_schema(
        responses=RecordsSerializer,
        parameters=[
            *PARAMETERS,
            _text("part", "numerator, denominator or another of the figure's `parts`"),
            _text("cursor", "Where the page begins"),
            _text("page_size", "Rows a page, at most 1000"),
            _text("format", "The whole table as a file (or by Accept)", ("json", *FORMATS)),
        ],
        operation_id="kpis_records",
    )
    def get(self, request: Request, key: str) -> HttpResponseBase:
        """The very rows behind one part of a figure."""
        others = {"part", "cursor", "page_size"}
        part = request.query_params.get("part") or "numerator"
        at = timezone.now()
        with named_faults():
            question = question_asked(request, key, KNOWN | others, at=at)
            found = records(question, viewer=viewer_of(request), at=at, part=part)
        file_format = request.accepted_renderer.format
        if file_format in FORMATS:
            return _file(found, file_format)
        return Response(_page(found, request, self))


def _file(found: Records, file_format: str) -> HttpResponseBase:
    question = found.answer.question
    name = f"{question.kpi}-{question.period.code.replace('..', '_')}-{found.part}"
    return export(name, found.header, found.lines(), file_format=file_format)


def _page(found: Records, request: Request, view: APIView) -> dict[str, Any]:
    pages = RecordPages()
    rows = pages.paginate_queryset(found.rows, request, view=view) or []
    return {
        "part": found.part,
        "label": str(found.measure.label),
        "total": written(found.total),
        "next": pages.get_next_link(),
        "previous": pages.get_previous_link(),
        "results": [dict(_record(found, row)) for row in rows],
    }


def _record(found: Records, row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "id", row["record"]
    for column in found.columns:
        value = row[column.alias]
        yield column.key, written(value) if isinstance(value, Decimal) else value
    contribution = row["contribution"]
    yield "contribution", written(None if contribution is None else Decimal(contribution))


def question_asked(request: Request, key: str, known: frozenset[str], *, at: datetime) -> Question:
    """What the query string asks of a KPI; 404 for no such KPI, 400 for an unknown parameter."""
    if key not in all_kpis():
        raise NotFound
    parameters = request.query_params
    unknown = sorted(set(parameters) - known - {"format"})
    if unknown:
        raise ValidationError({unknown[0]: f"Unknown. Use: {', '.join(sorted(known))}."})
    return question_from(key, parameters.dict(), viewer=viewer_of(request), at=at)


@contextmanager
def named_faults() -> Iterator[None]:
    """A question that cannot be answered is a 400 that names the parameter."""
    try:
        yield
    except BadQuestion as error:
        raise ValidationError({error.field: str(error)}) from error


def _described(kpi: Kpi) -> dict[str, Any]:
    return {
        "key": kpi.key,
        "label": str(kpi.label),
        "unit": kpi.unit.value,
        "better": "up" if kpi.up_is_good else "down",
        "journey": kpi.journey.value,
        "kind": kpi.kind.value,
        "help": str(kpi.help),
        "bases": [
            {
                "key": basis.key,
                "label": str(basis.label),
                "formula": basis.formula,
                "dimensions": sorted(basis.dimensions),
            }
            for basis in kpi.bases
        ],
    }


def _answered(found: Answer) -> dict[str, Any]:
    question = found.question
    return {
        "key": found.kpi.key,
        "unit": found.kpi.unit.value,
        "formula": found.formula,
        "period": question.period.code,
        "scope": question.scope.code,
        "as_of": found.at,
        "basis": found.basis.key,
        **_whole(found),
        "state": found.state.value,
        "missing_rate": asdict(found.missing_rate) if found.missing_rate else None,
        "parts": {name: written(value) for name, value in found.parts.items()},
        "restated": _restated(found),
        "target": written(found.target),
        "target_is_sum": found.target_is_sum,
        "expected": written(found.expected),
        "comparison": _compared(found.comparison),
        "rows": [_part(row) for row in found.rows],
        "over_time": [_cell(row) for row in found.over_time],
    }


def _restated(found: Answer) -> dict[str, Any] | None:
    if (then := found.restated) is None:
        return None
    return {
        "value": written(then.then.value),
        "closed_at": then.closed_at,
        "by_hand": then.by_hand,
        "target": written(then.target),
    }


def _whole(found: Answer) -> dict[str, str | None]:
    """The figure with those of its parts that have records under these names."""
    told = _figure(found.result)
    told["numerator"] = _if_recorded(found, "numerator", told["numerator"])
    told["denominator"] = _if_recorded(found, "denominator", told["denominator"])
    return told


def _if_recorded(found: Answer, part: str, value: str | None) -> str | None:
    """Null where the value is worked out of several parts, which have the records."""
    return value if value == written(found.parts.get(part)) else None


def _figure(result: Result) -> dict[str, str | None]:
    return {
        "value": written(result.value),
        "numerator": written(result.numerator),
        "denominator": written(result.denominator),
    }


def _part(row: Row) -> dict[str, Any]:
    cells = [_cell(cell) for cell in row.cells]
    return {**_cell(row), "comparison": _compared(row.comparison), "cells": cells}


def _cell(row: Row) -> dict[str, Any]:
    return {"key": row.key, "label": row.label, **_figure(row.result)}


def _compared(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return {
        "kind": comparison.kind,
        "period": comparison.period.code,
        "value": written(comparison.value),
        "change": written(comparison.change),
        "change_unit": comparison.change_unit.value,
        "like_for_like": comparison.like_for_like,
    }
