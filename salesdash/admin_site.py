"""The settings' own site: Django's admin, for staff, holding what this product is set up by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

# What other applications may show here: the schedules of the work queue. Tokens, keys and the
# like are nobody's to read.
SHOWN = {
    "django_celery_beat.periodictask",
    "django_celery_beat.crontabschedule",
    "django_celery_beat.intervalschedule",
}
OWN = {"accounts", "pipeline", "kpis", "forecasting", "alerts", "dashboards", "salesdash"}


class SettingsSite(AdminSite):
    """Signs in as every page does, so that rate limits and second factors hold here too."""

    site_title = site_header = _("SalesDash settings")
    index_title = _("Settings")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        several = isinstance(model_or_iterable, Iterable)
        own = admin_class is not None and admin_class.__module__.partition(".")[0] in OWN
        shown = [
            model
            for model in (model_or_iterable if several else [model_or_iterable])
            if own or model._meta.label_lower in SHOWN
        ]
        super().register(shown, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        if super().has_permission(request):
            return True
        if request.user.is_authenticated:
            raise PermissionDenied
        return False

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer
