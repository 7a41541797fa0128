"""Closing periods in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin import AnyAdmin
from accounts.models import Company, User
from periods import Period, PeriodError
from pipeline.actions.closings import close_period, reopen_period
from pipeline.models.closings import Closing

if TYPE_CHECKING:
    ClosingModelForm = ModelForm[Closing]
else:
    ClosingModelForm = ModelForm


class ClosingForm(ClosingModelForm):
    """The period to close, by its code."""

    class Meta:
        model = Closing
        fields = ("code",)
        help_texts = {"code": _("Such as 2026-Q3 or 2026-09.")}

    def clean_code(self) -> str:
        """ValidationError unless the code names a period that is over and still open."""
        try:
            self.period = _period(self.cleaned_data["code"])
        except PeriodError as error:
            raise ValidationError(str(error)) from error
        if not self.period.is_over(timezone.now()):
            raise ValidationError(_("This period is not over yet."))
        if Closing.objects.in_force().filter(code=self.period.code).exists():
            raise ValidationError(_("This period is closed already."))
        return self.period.code


def _period(code: str) -> Period:
    return Company.current().calendar.parse(code, at=timezone.now())


@admin.register(Closing)
class ClosingAdmin(AnyAdmin):
    """Closed periods are neither edited nor deleted, but may be opened again."""

    form = ClosingForm
    list_display = ("code", "closed_by", "closed_at", "reopened_at")
    actions = ("open_again",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Closing, form: Any, _change: Any) -> None:
        assert isinstance(request.user, User)
        closed = close_period(period=form.period, by=request.user, at=timezone.now())
        obj.pk = closed.pk

    @admin.action(description=_("Open again"))
    def open_again(self, request: HttpRequest, queryset: QuerySet[Closing]) -> None:
        assert isinstance(request.user, User)
        for closing in queryset:
            reopen_period(closing=closing, by=request.user, at=timezone.now())
