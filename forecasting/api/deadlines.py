"""Deadlines over HTTP: until when, and who has not submitted yet."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Company, User
from accounts.scope import COMPANY, reach
from forecasting.deadlines import Asked, asked_by
from forecasting.members import Members
from forecasting.models import Deadline


class WaitingSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    is_late = serializers.BooleanField(
        help_text=_("The deadline before this one passed without it.")
    )


class DeadlineSerializer(serializers.Serializer[Any]):
    """What is to be submitted until when; of those asked, the ones whom the viewer sees."""

    id = serializers.IntegerField()
    opens = serializers.DateTimeField()
    due = serializers.DateTimeField()
    period = serializers.CharField()
    team = serializers.CharField(allow_null=True)
    remind_hours = serializers.IntegerField()
    asked = serializers.IntegerField()
    waiting = WaitingSerializer(many=True)


class DeadlineList(APIView):
    """The active deadlines with their open windows."""

    @extend_schema(responses=DeadlineSerializer(many=True), operation_id="forecast_deadlines")
    def get(self, request: Request) -> Response:
        viewer, now = request.user, timezone.now()
        assert isinstance(viewer, User)
        mine = reach(viewer)
        members = Members.of(COMPANY, Company.current().calendar.business_day(now))
        people = {
            key: user
            for key, user in members.people.items()
            if mine.everything or key == viewer.pk or members.homes[key] in mine.team_ids
        }
        seen = Members(people, members.homes)
        found = asked_by(
            Deadline.objects.filter(is_active=True).select_related("team"), seen, mine.tree, now
        )
        return Response(DeadlineSerializer([_told(each) for each in found], many=True).data)


def _told(asked: Asked) -> dict[str, Any]:
    window = asked.window
    deadline = window.deadline
    return {
        "id": deadline.pk,
        "opens": window.opens,
        "due": window.due,
        "period": window.period.code,
        "team": deadline.team.slug if deadline.team else None,
        "remind_hours": deadline.remind_hours,
        "asked": len(asked.people),
        "waiting": [
            {"id": user.pk, "name": str(user), "is_late": user.pk in asked.late}
            for user in asked.waiting
        ],
    }
