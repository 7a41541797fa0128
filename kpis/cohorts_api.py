"""Cohort tables over HTTP."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kpis.api import CsvFile, XlsxFile, written
from kpis.cohorts import BASES, CohortTable, cohort_table
from kpis.questions import DIMENSIONS, BadQuestion
from pipeline.api.fields import viewer_of
from pipeline.cohorts import Cohort, Kind, average
from pipeline.exports import FORMATS, export

KNOWN = frozenset(
    {"period", "scope", "basis", "as_of", "known_at", "structure", "format", *DIMENSIONS}
)


class CellSerializer(serializers.Serializer[Any]):
    age = serializers.IntegerField()
    count = serializers.IntegerField()
    share = serializers.CharField(allow_null=True)


class CohortSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    size = serializers.IntegerField()
    cells = CellSerializer(many=True)


class AverageSerializer(serializers.Serializer[Any]):
    age = serializers.IntegerField()
    share = serializers.CharField(allow_null=True)


class CohortTableSerializer(serializers.Serializer[Any]):
    """By month of entry: how many entered, and the share of them at each age in months."""

    kind = serializers.ChoiceField(tuple(Kind))
    basis = serializers.CharField()
    scope = serializers.CharField()
    period = serializers.CharField()
    as_of = serializers.DateTimeField()
    rows = CohortSerializer(many=True)
    average = AverageSerializer(many=True)


def _text(name: str, description: str, choices: tuple[str, ...] = ()) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=description, enum=choices or None)


PARAMETERS = [
    _text("period", "The months of entry; the last twelve by default"),
    _text("scope", "company, team:SLUG or user:ID; your own by default"),
    _text("basis", "What counts as retained", tuple(BASES[Kind.RETENTION])),
    _text("as_of", "An instant, or a date for its business day's end: as it was then"),
    _text("known_at", "An instant: as it was known then"),
    _text("structure", "present: by today's teams"),
    *(_text(name, f"Only this {name}") for name in DIMENSIONS),
]


class CohortsView(APIView):
    renderer_classes = (JSONRenderer, CsvFile, XlsxFile)

    @extend_schema(
        responses=CohortTableSerializer,
        parameters=[
            OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=tuple(Kind)),
            *PARAMETERS,
            _text("format", "The table as a file (or by Accept)", ("json", *FORMATS)),
        ],
        operation_id="cohorts_retrieve",
    )
    def get(self, request: Request, kind: str) -> HttpResponseBase:
        """What became of those who entered in each month."""
        if kind not in tuple(Kind):
            raise NotFound
        table = _table(request, Kind(kind))
        file_format = request.accepted_renderer.format
        if file_format in FORMATS:
            return _file(table, file_format)
        return Response(_described(table))


def _file(table: CohortTable, file_format: str) -> HttpResponseBase:
    """A line for each month and age."""
    lines = (
        [cohort.period.code, cohort.size, age, count, cohort.share(age)]
        for cohort in table.rows
        for age, count in enumerate(cohort.counts)
    )
    header = [_("month"), _("entered"), _("months since"), _("count"), _("share")]
    name = f"{table.kind}-{table.basis}-{table.question.period.code.replace('..', '_')}"
    return export(name, header, lines, file_format=file_format)


def _table(request: Request, kind: Kind) -> CohortTable:
    parameters = request.query_params
    if unknown := sorted(set(parameters) - KNOWN):
        raise ValidationError({unknown[0]: f"Unknown. Use: {', '.join(sorted(KNOWN))}."})
    try:
        return cohort_table(kind, parameters.dict(), viewer=viewer_of(request), at=timezone.now())
    except BadQuestion as error:
        raise ValidationError({error.field: str(error)}) from error


def _described(table: CohortTable) -> dict[str, Any]:
    return {
        "kind": table.kind,
        "basis": table.basis,
        "scope": table.question.scope.code,
        "period": table.question.period.code,
        "as_of": table.at,
        "rows": [_row(cohort) for cohort in table.rows],
        "average": [{"age": age, "share": written(average(table.rows, age))} for age in table.ages],
    }


def _row(cohort: Cohort) -> dict[str, Any]:
    cells = [
        {"age": age, "count": count, "share": written(cohort.share(age))}
        for age, count in enumerate(cohort.counts)
    ]
    return {"key": cohort.period.code, "size": cohort.size, "cells": cells}
