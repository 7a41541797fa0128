"""What-if over HTTP: outcomes under levers, and the scenarios that people keep."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Company, Team
from accounts.scope import home_scope
from forecasting.actions.scenarios import (
    Told,
    delete_scenario,
    duplicate_scenario,
    edit_scenario,
    restore_scenario,
    save_scenario,
)
from forecasting.api.parameters import period_from
from forecasting.models import Scenario
from forecasting.whatif.asking import Asked, Scene, WhatIf, what_if
from forecasting.whatif.levers import LEAST, MOST, NAMES, Levers
from kpis.api import written
from kpis.parameters import DEFAULT_PERIOD
from pipeline.api.facts import DeletableViews, FactSerializer, Fields, StrictSerializer
from pipeline.api.fields import Revision, viewer_of
from pipeline.api.filters import scope_asked
from pipeline.api.history import PersonSerializer

_STATES = ("ok", "not_learned", "too_little", "nothing", "not_kept")
_PLACES = Decimal("0.000001")


class Lever(serializers.DecimalField):
    """A rate in percent of today's."""

    def __init__(self, **kwargs: Any) -> None:
        bounds = {"min_value": LEAST, "max_value": MOST, "max_digits": 4, "decimal_places": 1}
        super().__init__(**{**bounds, "required": False, **kwargs})


class LeversSerializer(StrictSerializer):
    """Levers in percent of today's rates; one that is left out is as today."""

    win_rate = Lever()
    deal_size = Lever()
    cycle = Lever()
    leads = Lever()
    churn = Lever()


class PlaySerializer(LeversSerializer):
    """Whose period is played, under which levers."""

    scope = serializers.CharField(
        required=False, max_length=120, help_text="company, team:SLUG or user:ID; your own"
    )
    period = serializers.CharField(
        required=False, max_length=60, help_text="A quarter or month; this-quarter by default"
    )


class RatesSerializer(serializers.Serializer[Any]):
    """Null where a rate is not known; `leads` are those of a month, `cycle` is in days."""

    win_rate = serializers.CharField(allow_null=True)
    deal_size = serializers.CharField(allow_null=True)
    cycle = serializers.CharField(allow_null=True)
    leads = serializers.CharField(allow_null=True)
    churn = serializers.CharField(allow_null=True)
    conversion = serializers.CharField(allow_null=True)


class ClosesGapSerializer(serializers.Serializer[Any]):
    """What closes the gap at P50: so many deals, from inquiries begun by a day."""

    missing = serializers.CharField()
    deals = serializers.IntegerField(allow_null=True)
    inquiries = serializers.IntegerField(allow_null=True)
    by = serializers.DateField(allow_null=True)


class SceneSerializer(serializers.Serializer[Any]):
    """Where the period ends; target, gap, chance and closing are null without a target."""

    levers = LeversSerializer()
    rates = RatesSerializer()
    p10 = serializers.CharField()
    p50 = serializers.CharField()
    p90 = serializers.CharField()
    target = serializers.CharField(allow_null=True)
    raised = serializers.CharField(help_text="By what the target rises for churn beyond today's")
    gap = serializers.CharField(allow_null=True)
    chance = serializers.CharField(allow_null=True)
    closing = ClosesGapSerializer(allow_null=True)


class WhatIfSerializer(serializers.Serializer[Any]):
    """A period as the model has it today, and under the levers; both null unless `state` is ok."""

    scope = serializers.CharField()
    period = serializers.CharField()
    state = serializers.ChoiceField(choices=_STATES)
    currency = serializers.CharField()
    learned_at = serializers.DateTimeField(allow_null=True)
    booked = serializers.CharField(allow_null=True)
    due = serializers.CharField(allow_null=True)
    today = SceneSerializer(allow_null=True)
    scenario = SceneSerializer(allow_null=True)


class WhatIfView(APIView):
    @extend_schema(
        request=PlaySerializer, responses=WhatIfSerializer, operation_id="forecast_what_if"
    )
    def post(self, request: Request) -> Response:
        """Where a period would end under levers. Nothing is kept."""
        body = PlaySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said, viewer, now = body.validated_data, viewer_of(request), timezone.now()
        code = said.get("scope", "")
        scope = scope_asked(code, viewer) if code else home_scope(viewer)
        period = period_from(said.get("period") or DEFAULT_PERIOD, at=now)
        found = what_if(Asked(viewer, scope, period, now), Levers.of(said))
        return Response(_told(found))


def _told(found: WhatIf) -> dict[str, Any]:
    run, scenes = found.told.run, found.scenes
    return {
        "scope": found.told.scope.code,
        "period": found.told.period.code,
        "state": found.state,
        "currency": Company.current().currency,
        "learned_at": run.at if run else None,
        "booked": written(found.booked),
        "due": written(found.due),
        "today": _scene(scenes[0]) if scenes else None,
        "scenario": _scene(scenes[-1]) if scenes else None,
    }


def _scene(scene: Scene) -> dict[str, Any]:
    takes = scene.takes
    amounts = {
        name: written(getattr(scene, name)) for name in ("target", "raised", "gap", "chance")
    }
    ends = {name: written(getattr(scene.ends, name)) for name in ("p10", "p50", "p90")}
    return {
        "levers": {name: str(value) for name, value in scene.levers.told.items()},
        "rates": {name: _rate(getattr(scene.rates, name)) for name in (*NAMES, "conversion")},
        **ends,
        **amounts,
        "closing": takes
        and {
            "missing": written(takes.missing),
            "deals": takes.deals,
            "inquiries": takes.inquiries,
            "by": takes.by,
        },
    }


def _rate(value: Decimal | None) -> str | None:
    return None if value is None else str(value.quantize(_PLACES))


class ScenarioSerializer(FactSerializer[Scenario]):
    """Levers under a name; no figures. `team` null: for its owner alone."""

    fixed = ("scope", "period")

    scope = serializers.CharField(max_length=120, required=False)
    period = serializers.CharField(max_length=60, required=False)
    win_rate = Lever()
    deal_size = Lever()
    cycle = Lever()
    leads = Lever()
    churn = Lever()
    team = serializers.SlugRelatedField(
        slug_field="slug", queryset=Team.objects.all(), allow_null=True, required=False
    )
    owner = PersonSerializer(read_only=True)

    class Meta:
        model = Scenario
        fields = (
            "id", "revision", "name", "note", "scope", "period", *NAMES, "team", "owner",
            "updated_at",
        )  # fmt: skip
        validators: tuple[Any, ...] = ()


class RestoreSerializer(StrictSerializer):
    revision = Revision()


class ScenarioViews(DeletableViews[Scenario]):
    """One's own scenarios, and those shared with a team that one belongs to or looks after."""

    queryset = Scenario.objects.select_related("owner", "team")
    serializer_class = ScenarioSerializer
    filterset_fields = ("period", "scope")
    search_fields = ("name", "note")
    ordering_fields = ("id", "name")

    def get_queryset(self) -> QuerySet[Scenario]:
        """A deleted one is only there to be restored, by its owner."""
        if self.action == "restore":
            deleted = Scenario.objects.select_related("owner", "team")
            return deleted.filter(owner=self.viewer, deleted_at__isnull=False)
        return super().get_queryset()

    def add(self, fields: Fields) -> Scenario:
        return save_scenario(
            by=self.viewer,
            at=self.now,
            scope=fields.get("scope") or home_scope(self.viewer).code,
            period=fields.get("period") or DEFAULT_PERIOD,
            levers=Levers.of(fields),
            told=Told(name=fields["name"], note=fields.get("note", ""), team=fields.get("team")),
        )

    def change(self, row: Scenario, fields: Fields) -> Scenario:
        told = Told(
            name=fields.get("name", row.name),
            note=fields.get("note", row.note),
            team=fields.get("team", row.team),
        )
        return edit_scenario(
            scenario=row,
            by=self.viewer,
            revision=fields["revision"],
            told=told,
            levers=Levers.of({**row.levers.told, **fields}),
        )

    def remove(self, row: Scenario, revision: int) -> None:
        delete_scenario(scenario=row, by=self.viewer, revision=revision, at=self.now)

    @extend_schema(request=RestoreSerializer, responses=ScenarioSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, **_path: str) -> Response:
        """Bring back what one has deleted."""
        row = self.get_object()
        body = self.read_body(request, RestoreSerializer)
        found = restore_scenario(scenario=row, by=self.viewer, revision=body["revision"])
        return Response(self.represent(found))

    @extend_schema(request=None, responses={201: ScenarioSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, **_path: str) -> Response:  # noqa: ARG002 # says nothing
        """A copy of one's own."""
        made = duplicate_scenario(scenario=self.get_object(), by=self.viewer)
        return Response(self.represent(made), status=status.HTTP_201_CREATED)
