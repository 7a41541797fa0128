"""What operators and their machines ask: alive, ready, how busy."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django_prometheus.exports import ExportToDjangoView
from redis import Redis, RedisError

from accounts.roles import Permission, allowed

LOCAL = {"127.0.0.1", "::1"}


@login_not_required
def alive(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # the same for all
    """200 while the process serves."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # the same for all
    """200 when the database and Redis answer, else 503; each part is named."""
    parts = {"database": _database_answers(), "redis": _redis_answers()}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for staff and for collectors on this machine."""
    if not (_is_local(request) or allowed(request.user, Permission.EDIT_SETTINGS)):
        return HttpResponseForbidden()
    response: HttpResponse = ExportToDjangoView(request)
    return response


def _is_local(request: HttpRequest) -> bool:
    # A proxy on this machine hands on others' requests, and says so.
    forwarded = {"X-Forwarded-For", "Forwarded"}.intersection(request.headers)
    return request.META.get("REMOTE_ADDR") in LOCAL and not forwarded


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # whatever is wrong with it, it is not ready
        return False
    return True


def _redis_answers() -> bool:
    try:
        return bool(Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping())
    except RedisError:
        return False
