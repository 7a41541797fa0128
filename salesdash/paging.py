"""Pages of the API that neither skip nor repeat a row while others write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core import signing
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

SALT = "cursor"


@dataclass(frozen=True)
class Order:
    """By one column, ties by primary key; a row without a value is the greatest."""

    column: str = "id"
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Order:
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.column}" if self.descending else self.column

    def reversed(self) -> Order:
        return Order(self.column, not self.descending)

    def columns(self) -> tuple[str, str]:
        sign = "-" if self.descending else ""
        return f"{sign}{self.column}", f"{sign}pk"

    def beyond(self, value: Any, key: int) -> Q:
        """The rows that come after the one with this value and primary key."""
        after = "lt" if self.descending else "gt"
        tie = Q(**{f"{self.column}__isnull": True} if value is None else {self.column: value})
        found = tie & Q(**{f"pk__{after}": key})
        if value is not None:
            found |= Q(**{f"{self.column}__{after}": value})
        if self.descending is (value is None):
            found |= Q(**{f"{self.column}__isnull": value is not None})
        return found


@dataclass(frozen=True)
class Cursor:
    """A place between two rows: beyond one of them, onward or back. Signed, so never forged."""

    order: str
    value: str | None
    key: int
    back: bool = False

    @classmethod
    def read(cls, text: str) -> Cursor:
        """ValidationError if this is no cursor that was given out here."""
        try:
            return cls(**signing.loads(text, salt=SALT))
        except signing.BadSignature as error:
            raise ValidationError({"cursor": _("This is not a cursor of this list.")}) from error

    def write(self) -> str:
        return signing.dumps(asdict(self), salt=SALT)


class CursorPages(BasePagination):
    """100 rows a page; `page_size` asks for up to 1,000, `ordering` for one of the view's columns.

    A view names these columns in `ordering_fields` and its own order in `ordering` ("id").
    """

    page_size = 100
    max_page_size = 1000

    def paginate_queryset(  # type: ignore[override] # lists here are always querysets
        self, queryset: QuerySet[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        self._url = request.build_absolute_uri()
        self._order = _order(request, view)
        self._field = queryset.model._meta.get_field(self._order.column)
        self._cursor = self._read_cursor(request)
        back = self._cursor is not None and self._cursor.back
        order = self._order.reversed() if back else self._order
        rows = queryset.order_by(*order.columns())
        if self._cursor is not None:
            value = self._cursor.value
            known = None if value is None else self._field.to_python(value)
            rows = rows.filter(order.beyond(known, self._cursor.key))
        size = self._size(request)
        found = list(rows[: size + 1])
        self._more = len(found) > size
        self._page = found[:size][::-1] if back else found[:size]
        return self._page

    def get_paginated_response(self, data: Any) -> Response:
        back = self._cursor is not None and self._cursor.back
        onward = bool(self._page) and (back or self._more)
        backward = bool(self._page) and (self._more if back else self._cursor is not None)
        return Response(
            {
                "next": self._link(self._page[-1], back=False) if onward else None,
                "previous": self._link(self._page[0], back=True) if backward else None,
                "results": data,
            }
        )

    def _read_cursor(self, request: Request) -> Cursor | None:
        text = request.query_params.get("cursor")
        cursor = Cursor.read(text) if text else None
        if cursor is not None and cursor.order != str(self._order):
            raise ValidationError({"cursor": _("This cursor belongs to another order.")})
        return cursor

    def _size(self, request: Request) -> int:
        text = request.query_params.get("page_size", "")
        asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
        return min(asked or self.page_size, self.max_page_size)

    def _link(self, row: models.Model, *, back: bool) -> str:
        empty = self._field.value_from_object(row) is None
        value = None if empty else self._field.value_to_string(row)
        cursor = Cursor(str(self._order), value, row.pk, back)
        return replace_query_param(self._url, "cursor", cursor.write())

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        columns = _columns(view)
        orders = [sign + column for column in columns for sign in ("", "-")]
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        return [
            _parameter("cursor", {"type": "string"}),
            _parameter("page_size", {**size, "default": self.page_size}),
            _parameter("ordering", {"type": "string", "enum": orders}),
        ]


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "required": False, "in": "query", "schema": schema}


def _columns(view: APIView | None) -> tuple[str, ...]:
    return getattr(view, "ordering_fields", None) or ("id",)


def _order(request: Request, view: APIView | None) -> Order:
    order = Order.parse(
        request.query_params.get("ordering") or getattr(view, "ordering", None) or "id"
    )
    columns = _columns(view)
    if order.column not in columns:
        names = ", ".join(columns)
        raise ValidationError({"ordering": _("Order by one of: %(names)s.") % {"names": names}})
    return order
