"""Errors of the API as problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler as drf_handler

from pipeline.actions.closed import ReasonNeeded

CONTENT_TYPE = "application/problem+json"


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem; None for what is a fault of ours (500).

    `detail` says what is wrong; `errors` names the fields where it lies; what an exception
    has as `extensions` is added to its problem.
    """
    if isinstance(exc, ReasonNeeded):
        exc = _ReasonMissing(exc)
    if isinstance(exc, ValidationError):
        exc = exceptions.ValidationError(as_serializer_error(exc))
    response = drf_handler(exc, context)
    if response is None:
        return None
    extensions = getattr(exc, "extensions", {})
    response.data = _problem(response.status_code, response.data) | extensions
    response.content_type = CONTENT_TYPE
    return response


class _ReasonMissing(exceptions.APIException):
    """400: the same request with `?reason=…` is taken."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, needed: ReasonNeeded) -> None:
        super().__init__(str(needed))
        self.extensions = needed.extensions


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 400 of a request that could not be read; says why where the view said it."""
    if request.path.startswith("/api/"):
        return _plain(HTTPStatus.BAD_REQUEST)
    why = str(exception) if isinstance(exception, BadRequest) else ""
    return render(request, "400.html", {"exception": why}, status=HTTPStatus.BAD_REQUEST)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 of an address that no view serves."""
    if request.path.startswith("/api/"):
        return _plain(HTTPStatus.NOT_FOUND)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 of a fault of ours."""
    if request.path.startswith("/api/"):
        return _plain(HTTPStatus.INTERNAL_SERVER_ERROR)
    return defaults.server_error(request)


def _plain(status: HTTPStatus) -> HttpResponse:
    body = _problem(status, {"detail": status.description})
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def _problem(status: int, data: Any) -> dict[str, Any]:
    problem = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if isinstance(data, dict) and set(data) == {"detail"}:
        return problem | {"detail": data["detail"]}
    if isinstance(data, list):
        return problem | {"detail": " ".join(map(str, data))}
    return problem | {"detail": _first(data), "errors": data}


def _first(errors: Any) -> str:
    """The first message of a nested answer, with the field it is about."""
    while isinstance(errors, dict | list) and errors:
        errors = next(iter(errors.values())) if isinstance(errors, dict) else errors[0]
    return str(errors)
