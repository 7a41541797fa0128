"""The forecast's settings: until when who submits."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.admin import RecordedAdmin
from forecasting.models import Deadline


@admin.register(Deadline)
class DeadlineAdmin(RecordedAdmin):
    """Whoever changes when a deadline falls starts it anew: nobody has missed it before."""

    list_display = ("__str__", "period", "team", "remind_hours", "is_active")
    list_filter = ("is_active", "period")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if {"every", "weekday", "day", "time", "period"} & set(form.changed_data):
            obj.since = timezone.now()
        super().save_model(request, obj, form, change)
