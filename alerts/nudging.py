"""A lead's press of a button: asks somebody by mail to submit a forecast."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Company, User
from alerts.deadlines import nudge
from alerts.models import Notice
from alerts.tasks import send_soon
from forecasting.api.parameters import period_from
from periods import Period, PeriodError
from pipeline.api.facts import StrictSerializer
from pipeline.api.fields import Reference
from pipeline.views.asking import viewer_of
from pipeline.views.saving import checked


class NudgeForm(forms.Form):
    """Whom to ask for the forecast of which period."""

    user = forms.ModelChoiceField(User.objects.filter(is_active=True))
    period = forms.CharField(max_length=30)

    def clean_period(self) -> Period:
        """ValidationError for what names no period."""
        try:
            return Company.current().calendar.parse(self.cleaned_data["period"], at=timezone.now())
        except PeriodError as error:
            raise ValidationError(str(error)) from error


@require_POST
def press(request: HttpRequest) -> HttpResponse:
    """In place of the button: that it is done, or why not."""
    chosen = checked(NudgeForm(request.POST))
    said: Any = _("Nudged")
    try:
        _nudge(viewer_of(request), chosen["user"], chosen["period"])
    except ValidationError as error:
        said = " ".join(error.messages)
    return render(request, "alerts/nudged.html", {"said": said})


def _nudge(by: User, person: User, period: Period) -> Notice:
    notice = nudge(by=by, person=person, period=period, at=timezone.now())
    send_soon()
    return notice


class NewNudge(StrictSerializer):
    """Somebody who is still to submit, and the period: `2026-Q4`."""

    user = Reference(queryset=User.objects.filter(is_active=True))
    period = serializers.CharField(max_length=30)


class NudgeSerializer(serializers.ModelSerializer[Notice]):
    class Meta:
        model = Notice
        fields = ("id", "person", "by", "period", "at")
        read_only_fields = fields


class NudgeView(APIView):
    """Ask somebody by mail to submit a forecast; once a day by the same lead."""

    @extend_schema(
        request=NewNudge, responses={201: NudgeSerializer}, operation_id="forecast_nudges_create"
    )
    def post(self, request: Request) -> Response:
        body = NewNudge(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        period = period_from(body.validated_data["period"], at=timezone.now())
        by = request.user
        assert isinstance(by, User)
        made = _nudge(by, body.validated_data["user"], period)
        return Response(NudgeSerializer(made).data, status=status.HTTP_201_CREATED)
