"""Deals: read, write, move through the stages, and look back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from pipeline.actions import deals as actions
from pipeline.actions.closed import LONGEST, because, given_reason
from pipeline.actions.criteria import tick
from pipeline.actions.leads import first_stage
from pipeline.actions.lines import Line, set_lines
from pipeline.actions.syncing import sync_deal
from pipeline.api.facts import FactSerializer, Fields, StrictSerializer, UpsertViews
from pipeline.api.fields import BySlug, NotNegative, Reference, Revision
from pipeline.api.filters import IdFilter, PeriodFilter, ScopedFilters, TeamFilter
from pipeline.api.history import HistoryViews
from pipeline.categories import notice_of
from pipeline.criteria import Checks
from pipeline.models import (
    Category,
    Criterion,
    Deal,
    DealKind,
    DealLine,
    LostReason,
    Outcome,
    Product,
    SizeBand,
    Source,
    Stage,
)

CLOSINGS = [(end.value, end.label) for end in (Outcome.WON, Outcome.LOST)]


class DealLineSerializer(serializers.ModelSerializer[DealLine]):
    product_name = serializers.CharField(source="product.name", read_only=True)

    class Meta:
        model = DealLine
        fields = ("product", "product_name", "quantity", "amount")
        read_only_fields = fields


class DealSerializer(FactSerializer[Deal]):
    """A deal. `stage` and `owner` are set at creation; move/ and reassign/ change them."""

    customer_name = serializers.CharField(source="customer.name", read_only=True, allow_null=True)
    owner = Reference(queryset=User.objects.all(), required=False)
    owner_name = serializers.CharField(source="owner.name", read_only=True)
    team = BySlug(read_only=True, allow_null=True)
    stage = Reference(queryset=Stage.objects.all(), required=False)
    stage_name = serializers.CharField(source="stage.label", read_only=True)
    source: Any = BySlug(queryset=Source.objects.all(), required=False, allow_null=True)
    forecast_category = serializers.ChoiceField(choices=Category.choices, read_only=True)
    stage_category = serializers.ChoiceField(
        choices=Category.choices, read_only=True, source="stage.category"
    )
    keeps_own_category = serializers.BooleanField(read_only=True)
    lines = DealLineSerializer(many=True, read_only=True)

    class Meta:
        model = Deal
        fields: tuple[str, ...] = (
            "id",
            "external_id",
            "revision",
            "name",
            "customer",
            "customer_name",
            "owner",
            "owner_name",
            "team",
            "stage",
            "stage_name",
            "outcome",
            "amount",
            "amount_estimated",
            "currency",
            "probability",
            "category",
            "forecast_category",
            "stage_category",
            "keeps_own_category",
            "kind",
            "source",
            "expected_close",
            "created_at",
            "first_contact_at",
            "closed_at",
            "stage_since",
            "lost_reason",
            "next_step",
            "next_step_on",
            "lines",
            "updated_at",
        )
        read_only_fields = (
            "outcome",
            "amount_estimated",
            "created_at",
            "closed_at",
            "stage_since",
        )

    fixed = ("stage", "owner", "lost_reason")
    upsert_may_change_fixed = True
    how_to_change_fixed = _("Use move/, reopen/ or reassign/ to change this.")


class MovedDealSerializer(DealSerializer):
    """The deal as it stands now, with what the move did to its forecast category in `notice`."""

    notice = serializers.CharField(read_only=True)

    class Meta(DealSerializer.Meta):
        fields: tuple[str, ...] = (*DealSerializer.Meta.fields, "notice")


class MoveSerializer(StrictSerializer):
    """Where a deal goes: a stage of its process, or its outcome."""

    stage = Reference(queryset=Stage.objects.all(), required=False)
    outcome = serializers.ChoiceField(choices=CLOSINGS, required=False)
    revision = Revision()
    lost_reason = serializers.ChoiceField(choices=LostReason.choices, required=False)
    amount = NotNegative(max_digits=18, decimal_places=2, required=False)
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST,
        help_text=_("Why the deal moves on although must-have criteria are not ticked."),
    )

    def validate(self, attrs: Fields) -> Fields:
        if ("stage" in attrs) == ("outcome" in attrs):
            raise serializers.ValidationError({"stage": [_("Name either a stage or an outcome.")]})
        return attrs


class IntoStageSerializer(StrictSerializer):
    """The open stage in which the deal goes on."""

    stage = Reference(queryset=Stage.objects.all())
    revision = Revision()


class ReassignSerializer(StrictSerializer):
    owner = Reference(queryset=User.objects.all())
    revision = Revision()


class LineSerializer(StrictSerializer):
    """So much of a product, for so much in the deal's currency."""

    product = Reference(queryset=Product.objects.all())
    quantity = NotNegative(max_digits=12, decimal_places=2, required=False)
    amount = NotNegative(max_digits=18, decimal_places=2, required=False, allow_null=True)


class LinesSerializer(StrictSerializer):
    """Everything that the deal sells; lines that are left out are taken away."""

    revision = Revision()
    lines = LineSerializer(many=True)


class TickSerializer(StrictSerializer):
    """A criterion of the deal's sales process, and whether it is met."""

    criterion = Reference(queryset=Criterion.objects.select_related("stage"))
    met = serializers.BooleanField(default=True)


class CheckSerializer(serializers.Serializer[Any]):
    """A criterion as it stands for a deal: who ticked it, and when."""

    criterion = serializers.IntegerField(source="criterion.pk")
    name = serializers.CharField(source="criterion.label")
    is_must = serializers.BooleanField(source="criterion.is_must")
    is_met = serializers.BooleanField()
    by = serializers.IntegerField(source="tick.by_id", allow_null=True, default=None)
    at = serializers.DateTimeField(source="tick.at", allow_null=True, default=None)


class StageCriteriaSerializer(serializers.Serializer[Any]):
    """The criteria to leave a stage by."""

    stage = serializers.IntegerField()
    checks = CheckSerializer(many=True)


class DealFilters(ScopedFilters):
    """By what figures are broken down by, so that a figure's rows can be asked for."""

    rep = IdFilter(field_name="owner")
    team = TeamFilter()
    customer = IdFilter()
    stage = IdFilter()
    process = filters.CharFilter(field_name="stage__process__slug")
    outcome = filters.MultipleChoiceFilter(choices=Outcome.choices)
    kind = filters.ChoiceFilter(choices=DealKind.choices)
    source = filters.CharFilter(field_name="source__slug")
    product = IdFilter(field_name="lines__product")
    industry = filters.CharFilter(field_name="customer__industry")
    size = filters.ChoiceFilter(field_name="customer__size_band", choices=SizeBand.choices)
    region = filters.CharFilter(field_name="customer__region")
    created = PeriodFilter(field_name="created_at")
    closed = PeriodFilter(field_name="closed_at")
    closing = PeriodFilter(field_name="expected_close", days=True)


class DealViews(HistoryViews[Deal], UpsertViews[Deal]):
    """Deals of the viewer's scope."""

    queryset = Deal.objects.for_listing().prefetch_related("lines__product")
    serializer_class = DealSerializer
    filterset_class = DealFilters
    search_fields = ("name", "customer__name", "external_id")
    ordering_fields = ("id", "created_at", "closed_at", "expected_close")

    def add(self, fields: Fields) -> Deal:
        reason = fields.pop("lost_reason", "")
        if reason:
            raise serializers.ValidationError({"lost_reason": [_("A new deal is open.")]})
        return actions.create_deal(
            by=self.viewer,
            at=self.now,
            owner=fields.pop("owner", self.viewer),
            stage=fields.pop("stage", None) or first_stage(),
            fields=fields,
        )

    def change(self, row: Deal, fields: Fields) -> Deal:
        return sync_deal(deal=row, by=self.viewer, at=self.now, changes=fields)

    @extend_schema(request=MoveSerializer, responses=MovedDealSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, **_path: str) -> Response:
        """Put a deal into another stage, or close it as won or lost.

        Past must-have criteria that are not ticked it goes with a `reason` alone: without one the
        answer is a 400 with `"needs": "reason"` that names them in `criteria`. A forecast category
        of the deal's own stays: `notice` says so.
        """
        deal, body = self.get_object(), self.read_body(request, MoveSerializer)
        counted_as = deal.forecast_category
        with because(body.get("reason") or given_reason()):
            moved = self._move(deal, body)
        return Response({**self.represent(moved), "notice": notice_of(moved, counted_as)})

    @extend_schema(responses=StageCriteriaSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def criteria(self, _request: Request, **_path: str) -> Response:
        """What should be true before the deal leaves each stage, and what is ticked."""
        return Response(StageCriteriaSerializer(self._lists(self.get_object()), many=True).data)

    @extend_schema(request=TickSerializer, responses=StageCriteriaSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    def tick(self, request: Request, **_path: str) -> Response:
        """Say that a criterion is met, or is not after all. Saying it again changes nothing."""
        deal, body = self.get_object(), self.read_body(request, TickSerializer)
        tick(deal=deal, by=self.viewer, at=self.now, **body)
        return Response(StageCriteriaSerializer(self._lists(deal), many=True).data)

    def _lists(self, deal: Deal) -> list[dict[str, Any]]:
        process = deal.stage.process_id
        checks = Checks.read([deal.pk], process, at=self.now)
        stages = Stage.objects.open().filter(process=process).order_by("position")
        lists = [(stage, checks.of(deal.pk, stage.pk).checks) for stage in stages]
        return [{"stage": stage.pk, "checks": found} for stage, found in lists if found]

    def _move(self, deal: Deal, body: Fields) -> Deal:
        amount, reason = body.get("amount"), body.get("lost_reason", "")
        where: Fields = {"deal": deal, "by": self.viewer, "revision": body["revision"]}
        match body.get("outcome"):
            case Outcome.WON:
                return actions.win_deal(**where, at=self.now, amount=amount)
            case Outcome.LOST:
                return actions.lose_deal(**where, at=self.now, reason=reason)
        return actions.move_deal(
            **where, to=body["stage"], at=self.now, lost_reason=reason, amount=amount
        )

    @extend_schema(request=LinesSerializer)
    @action(detail=True, methods=["put"])
    def lines(self, request: Request, **_path: str) -> Response:
        """Write what a deal sells; its amount stays as it is."""
        row, body = self.get_object(), self.read_body(request, LinesSerializer)
        deal = set_lines(
            deal=row,
            by=self.viewer,
            revision=body["revision"],
            lines=[Line(**line) for line in body["lines"]],
        )
        return Response(self.represent(deal))

    @extend_schema(request=IntoStageSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, **_path: str) -> Response:
        """Take a closed deal up again in an open stage."""
        return self._into_stage(request, actions.reopen_deal)

    @extend_schema(request=IntoStageSerializer)
    @action(detail=True, methods=["post"])
    def process(self, request: Request, **_path: str) -> Response:
        """Go on with an open deal in an open stage of another sales process."""
        return self._into_stage(request, actions.change_process)

    def _into_stage(self, request: Request, change: Callable[..., Deal]) -> Response:
        row, body = self.get_object(), self.read_body(request, IntoStageSerializer)
        deal = change(
            deal=row, to=body["stage"], by=self.viewer, revision=body["revision"], at=self.now
        )
        return Response(self.represent(deal))

    @extend_schema(request=ReassignSerializer)
    @action(detail=True, methods=["post"])
    def reassign(self, request: Request, **_path: str) -> Response:
        """Give an open deal to another owner and their team."""
        row, body = self.get_object(), self.read_body(request, ReassignSerializer)
        deal = actions.reassign_deal(
            deal=row,
            to=body["owner"],
            by=self.viewer,
            revision=body["revision"],
            at=self.now,
        )
        return Response(self.represent(deal))
