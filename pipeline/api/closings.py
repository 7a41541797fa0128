"""Closed periods over HTTP."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import Company
from periods import PeriodError
from pipeline.actions.closings import close_period, reopen_period
from pipeline.api.history import PersonSerializer
from pipeline.models.closings import Closing


class ClosingSerializer(serializers.ModelSerializer[Closing]):
    """A period whose figures are settled, unless it was opened again."""

    closed_by = PersonSerializer(read_only=True)

    class Meta:
        model = Closing
        fields = ("id", "code", "start", "end", "closed_by", "closed_at", "reopened_at")
        read_only_fields = ("start", "end", "closed_at", "reopened_at")
        validators: tuple[Any, ...] = ()


class ClosingViews(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Closing]):
    """Closed periods, the latest first; staff close them and open them again."""

    queryset = Closing.objects.select_related("closed_by")
    serializer_class = ClosingSerializer
    ordering = "-start"
    ordering_fields = ("start",)

    @extend_schema(responses={201: ClosingSerializer})
    def create(self, request: Request) -> Response:
        """Close a period that is over, by its code."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        now = timezone.now()
        try:
            period = Company.current().calendar.parse(form.validated_data["code"], at=now)
        except PeriodError as error:
            raise ValidationError({"code": str(error)}) from error
        closed = close_period(period=period, by=request.user, at=now)  # type: ignore[arg-type]
        return Response(self.get_serializer(closed).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ClosingSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, **_path: str) -> Response:
        """Let the period be changed again."""
        closing = reopen_period(
            closing=self.get_object(),
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
        )
        return Response(self.get_serializer(closing).data)
