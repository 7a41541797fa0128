"""What the routes of all facts have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, cast

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, models
from django.db.models import ProtectedError, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.filters import SearchFilter
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import ID
from accounts.models import User
from pipeline.actions.changing import Stale
from pipeline.api.fields import Day, Instant, NotNegative, Reference, Revision, viewer_of

RowT = TypeVar("RowT", bound=models.Model)

Fields = dict[str, Any]


class Conflict(APIException):
    """409: the row has changed since, or another one stands in the way."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("Another row with this value was written at the same moment.")
    default_code = "conflict"

    def __init__(self, detail: str | None = None, **extensions: Any) -> None:
        super().__init__(detail)
        self.extensions = extensions


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses a field that it does not know: a misspelt one would be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            raise serializers.ValidationError({name: [_("Unknown field.")] for name in unknown})
        return values


class RowSerializer(StrictSerializer, serializers.ModelSerializer[RowT], Generic[RowT]):
    """A row as people read and write it. Fields that only actions change are read-only."""

    fixed: ClassVar[tuple[str, ...]] = ()
    """Fields that no edit changes, once the row is there."""
    how_to_change_fixed: ClassVar[str | Promise] = _("This field cannot be changed here.")

    serializer_related_field = Reference
    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateField: Day,
        models.DateTimeField: Instant,
        models.DecimalField: NotNegative,
    }

    def validate(self, attrs: Fields) -> Fields:
        if self.instance is None:
            return attrs
        sent = [name for name in self.fixed if name in attrs]
        wrong = [name for name in sent if _differs(self.instance, name, attrs[name])]
        if wrong:
            raise serializers.ValidationError(
                {name: [str(self.how_to_change_fixed)] for name in wrong}
            )
        return {name: value for name, value in attrs.items() if name not in sent}


class FactSerializer(RowSerializer[RowT], Generic[RowT]):
    """A row that carries a revision, which every change of it must name."""

    revision = Revision(required=False, help_text=_("Required for a change: the one you read."))

    upsert_may_change_fixed: ClassVar[bool] = False
    """For actions that bring even fixed fields to what another system says."""

    def validate(self, attrs: Fields) -> Fields:
        upsert = self.context["upsert"]
        if self.instance is None or (upsert and self.upsert_may_change_fixed):
            return attrs
        if "revision" not in attrs and not upsert:
            raise serializers.ValidationError({"revision": [_("Name the revision you read.")]})
        return super().validate(attrs)


class RowViews(ListModelMixin, RetrieveModelMixin, viewsets.GenericViewSet[RowT], Generic[RowT]):
    """Reads of the rows that a person may see; others' are not found."""

    lookup_value_regex = ID
    filter_backends = (DjangoFilterBackend, SearchFilter)
    ordering_fields: ClassVar[tuple[str, ...]] = ("id",)

    def get_queryset(self) -> QuerySet[RowT]:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False) or not hasattr(rows, "visible_to"):
            return rows
        return cast("QuerySet[RowT]", rows.visible_to(self.viewer))

    @property
    def viewer(self) -> User:
        return viewer_of(self.request)

    @property
    def now(self) -> datetime:
        return timezone.now()

    def represent(self, row: RowT) -> Any:
        return self.get_serializer(row).data

    def read_body(self, request: Request, serializer: type[serializers.Serializer[Any]]) -> Fields:
        """The checked body of an action that is not a plain write."""
        body = serializer(data=request.data, context=self.get_serializer_context())
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def get_serializer_context(self) -> Fields:
        return {**super().get_serializer_context(), "upsert": self.action == "upsert"}

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            current = self.represent(cast("RowT", exc.current))
            exc = Conflict(str(exc), current=current, yours=self.request.data)
        elif isinstance(exc, ProtectedError):
            exc = Conflict(str(_("Other rows depend on this one.")))
        elif isinstance(exc, IntegrityError):
            exc = Conflict()
        elif isinstance(exc, ObjectDoesNotExist):
            exc = Http404()
        return super().handle_exception(exc)


class WritableViews(RowViews[RowT], Generic[RowT]):
    """Writes, each through one of the actions."""

    @abstractmethod
    def add(self, fields: Fields) -> RowT:
        """Write a new row."""

    @abstractmethod
    def change(self, row: RowT, fields: Fields) -> RowT:
        """Write changed fields of a row; `revision` among them where the row carries one."""

    def create(self, request: Request) -> Response:
        return self._create(request.data)

    def update(self, request: Request, *, partial: bool = False, **_path: str) -> Response:
        row = self.get_object()
        serializer = self.get_serializer(row, data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        return Response(self.represent(self.change(row, dict(serializer.validated_data))))

    def partial_update(self, request: Request, **path: str) -> Response:
        return self.update(request, partial=True, **path)

    def _create(self, data: Any) -> Response:
        serializer = self.get_serializer(data=data)
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        fields.pop("revision", None)
        return Response(self.represent(self.add(fields)), status=status.HTTP_201_CREATED)


class UpsertViews(WritableViews[RowT], Generic[RowT]):
    """Rows that other systems know by an id of their own."""

    @extend_schema(
        parameters=[OpenApiParameter("external_id", OpenApiTypes.STR, OpenApiParameter.PATH)]
    )
    @action(detail=False, methods=["put"], url_path="by-external-id/(?P<external_id>[^\x00]+)")
    def upsert(self, request: Request, external_id: str) -> Response:
        """Write the row of another system's id: 201 where it is new, else 200.

        A field that is left out stays as it is. Where nothing differs, nothing is written.
        Without `revision` the last writer wins.
        """
        data = _with_external_id(request.data, external_id)
        row = self._named(external_id)
        if row is None:
            return self._create(data)
        serializer = self.get_serializer(row, data=data, partial=True)
        serializer.is_valid(raise_exception=True)
        fields = {"revision": getattr(row, "revision", None), **serializer.validated_data}
        if any(_differs(row, name, value) for name, value in fields.items()):
            row = self.change(row, fields)
        return Response(self.represent(row))

    def _named(self, external_id: str) -> RowT | None:
        """The row, or None where there is none; another's is not found."""
        rows = self.get_queryset()
        row = rows.filter(external_id=external_id).first()
        if row is None and rows.model._base_manager.filter(external_id=external_id).exists():
            raise Http404
        return row


class DeletableViews(WritableViews[RowT], Generic[RowT]):
    """Rows that may be taken away, as if they had never been."""

    @abstractmethod
    def remove(self, row: RowT, revision: int) -> None:
        """Delete a row."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "revision", OpenApiTypes.INT, description=_("Refuse if there is a newer one.")
            )
        ]
    )
    def destroy(self, request: Request, **_path: str) -> Response:
        row = self.get_object()
        asked = request.query_params.get("revision")
        revision = (
            getattr(row, "revision", 0) if asked is None else Revision().run_validation(asked)
        )
        self.remove(row, revision)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _with_external_id(data: Any, external_id: str) -> Any:
    return {**data, "external_id": external_id} if isinstance(data, Mapping) else data


def _differs(row: Any, name: str, value: Any) -> bool:
    return bool(getattr(row, name, None) != value)
