"""Data faults for other systems: what there is, the rows of one, and mending them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import require
from pipeline.actions.changing import Stale
from pipeline.actions.mending import Change, mend_rows
from pipeline.api.facts import Conflict, StrictSerializer
from pipeline.api.fields import Revision, viewer_of
from pipeline.faults import Fault, Moment, counts, faults_for, found
from pipeline.faults.mends import MENDS, Mend, as_sent
from pipeline.models import Deal


class FaultSerializer(serializers.Serializer[Any]):
    """One fault: what it is, how many rows have it (10,000 or more: 10000), what mends it."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # a field of this name
    help = serializers.CharField()
    fact = serializers.CharField()
    count = serializers.IntegerField()
    mends = serializers.ListField(child=serializers.CharField())
    left_out_of = serializers.ListField(child=serializers.CharField())


class FaultyRowSerializer(serializers.Serializer[Any]):
    """A row at fault; the fact's own route tells the rest of it."""

    id = serializers.IntegerField()
    revision = serializers.IntegerField()
    external_id = serializers.CharField(allow_null=True)
    name = serializers.CharField(source="__str__")


class MendedRowSerializer(StrictSerializer):
    """The value that a row is to get, or (in the answer) had."""

    id = serializers.IntegerField()
    revision = Revision()
    value = serializers.JSONField(allow_null=True)


class MendSerializer(StrictSerializer):
    """One field of many rows. The answer, sent in its turn, takes the change back."""

    field = serializers.CharField()
    rows = serializers.ListField(child=MendedRowSerializer(), max_length=500)


class FaultList(APIView):
    """The data faults of the viewer's rows."""

    @extend_schema(responses=FaultSerializer(many=True))
    def get(self, request: Request) -> Response:
        viewer, now = viewer_of(request), Moment.of(timezone.now())
        declared = faults_for(viewer)
        numbers = counts(declared, viewer, now)
        return Response([_listed(fault, numbers.get(fault.key, 0)) for fault in declared])


class FaultRows(GenericAPIView[Any]):
    """The rows of one fault, in pages."""

    serializer_class = FaultyRowSerializer
    # Which rows there are says the fault; the schema needs some of that kind.
    queryset = Deal.objects.none()
    ordering_fields = ("id",)
    ordering = "-id"

    @extend_schema(responses=FaultyRowSerializer(many=True), operation_id="faults_rows_list")
    def get(self, request: Request, key: str) -> Response:
        try:
            _fault, rows = found(key, viewer_of(request), Moment.of(timezone.now()))
        except KeyError:
            raise Http404 from None
        page = self.paginate_queryset(rows.order_by())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class FaultMend(APIView):
    """Set one field of rows that have, or had, a fault: all of them, or none."""

    @extend_schema(request=MendSerializer, responses=MendSerializer)
    def post(self, request: Request, key: str) -> Response:
        viewer = viewer_of(request)
        fault = next((fault for fault in faults_for(viewer) if fault.key == key), None)
        if fault is None:
            raise Http404
        body = MendSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        field = body.validated_data["field"]
        if field not in fault.mends:
            names = ", ".join(fault.mends) or "–"
            raise serializers.ValidationError({"field": [f"{names}"]})
        require(viewer, MENDS[field].permission)
        return Response(self._mended(request, fault, MENDS[field], body.validated_data["rows"]))

    def _mended(
        self, request: Request, fault: Fault, mend: Mend, rows: list[dict[str, Any]]
    ) -> dict[str, Any]:
        viewer = viewer_of(request)
        try:
            changes = _changes(fault, mend, rows, viewer)
            back = mend_rows(field=mend.field, changes=changes, by=viewer, at=timezone.now())
        except Stale as stale:
            current = FaultyRowSerializer(stale.current).data
            raise Conflict(str(stale), current=current, yours=request.data) from stale
        except ValidationError as error:
            raise serializers.ValidationError({mend.field: error.messages}) from error
        had = [
            {"id": change.row.pk, "revision": change.revision, "value": as_sent(change.value)}
            for change in back
        ]
        return {"field": mend.field, "rows": had}


def _listed(fault: Fault, count: int) -> dict[str, Any]:
    return {
        "key": fault.key,
        "label": str(fault.label),
        "help": str(fault.help),
        "fact": fault.fact._meta.model_name,
        "count": count,
        "mends": fault.mends,
        "left_out_of": fault.left_out_of,
    }


def _changes(fault: Fault, mend: Mend, sent: list[dict[str, Any]], viewer: Any) -> list[Change]:
    manager: Any = fault.fact._default_manager
    rows = manager.visible_to(viewer).in_bulk([row["id"] for row in sent])
    if len(rows) != len(sent):
        raise Http404
    return [
        Change(rows[row["id"]], row["revision"], mend.read(row["value"], viewer)) for row in sent
    ]
