"""What staff set up in the admin and everyone reads: stages, sources, products."""

from __future__ import annotations

from django_filters import rest_framework as filters
from rest_framework import serializers

from pipeline.api.facts import RowSerializer, RowViews
from pipeline.api.filters import IdFilter
from pipeline.models import Criterion, Outcome, Product, Source, Stage


class StageSerializer(RowSerializer[Stage]):
    """A step of a sales process; `probability` from 0 to 1."""

    process = serializers.SlugRelatedField[Stage]("slug", read_only=True)

    class Meta:
        model = Stage
        fields = (
            "id",
            "process",
            "position",
            "name",
            "name_ko",
            "probability",
            "category",
            "outcome",
        )


class StageFilters(filters.FilterSet):  # type: ignore[misc] # django-filter carries no types
    process = filters.CharFilter(field_name="process__slug")
    outcome = filters.ChoiceFilter(choices=Outcome.choices)


class StageViews(RowViews[Stage]):
    """The stages of every sales process, in their order."""

    queryset = Stage.objects.select_related("process")
    serializer_class = StageSerializer
    filterset_class = StageFilters
    search_fields = ("name", "name_ko")
    ordering_fields = ("position", "id")
    ordering = "position"


class CriterionSerializer(RowSerializer[Criterion]):
    """What should be true of a deal before it leaves a stage."""

    class Meta:
        model = Criterion
        fields = ("id", "stage", "position", "name", "name_ko", "is_must", "is_active")


class CriterionFilters(filters.FilterSet):  # type: ignore[misc] # django-filter carries no types
    process = filters.CharFilter(field_name="stage__process__slug")
    stage = IdFilter()
    is_active = filters.BooleanFilter()


class CriterionViews(RowViews[Criterion]):
    """The exit criteria of all stages."""

    queryset = Criterion.objects.all()
    serializer_class = CriterionSerializer
    filterset_class = CriterionFilters
    search_fields = ("name", "name_ko")
    ordering_fields = ("position", "id")


class SourceSerializer(RowSerializer[Source]):
    class Meta:
        model = Source
        fields = ("id", "slug", "name", "name_ko")


class SourceViews(RowViews[Source]):
    """The channels that visits, leads and deals come from."""

    queryset = Source.objects.all()
    serializer_class = SourceSerializer
    search_fields = ("slug", "name", "name_ko")


class ProductSerializer(RowSerializer[Product]):
    class Meta:
        model = Product
        fields = ("id", "external_id", "name", "series", "list_price", "currency", "is_active")


class ProductFilters(filters.FilterSet):  # type: ignore[misc] # django-filter carries no types
    series = filters.CharFilter()
    is_active = filters.BooleanFilter()


class ProductViews(RowViews[Product]):
    """What deals sell."""

    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    filterset_class = ProductFilters
    search_fields = ("name", "external_id")
    ordering_fields = ("id", "name")
