"""The catalog and its figures as the API's schema describes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kpis.declarations import Basis, Kpi
from kpis.questions import COMPARISONS


class BasisSerializer(serializers.Serializer[Basis]):
    """One definition of a KPI, with the dimensions that it can be split and filtered by."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # shadows the field's own label
    formula = serializers.CharField()
    dimensions = serializers.ListField(child=serializers.CharField())


class KpiSerializer(serializers.Serializer[Kpi]):
    """One entry of the catalog."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # shadows the field's own label
    unit = serializers.CharField()
    better = serializers.ChoiceField(["up", "down"])
    journey = serializers.CharField()
    kind = serializers.CharField()
    help = serializers.CharField()
    bases = BasisSerializer(many=True)


class MissingRateSerializer(serializers.Serializer[Any]):
    """The exchange rate that a total lacks."""

    currency = serializers.CharField()
    day = serializers.DateField()


class ComparisonSerializer(serializers.Serializer[Any]):
    """The earlier figure; the change is a fraction of it, or points of a rate."""

    kind = serializers.ChoiceField(COMPARISONS)
    period = serializers.CharField()
    value = serializers.CharField(allow_null=True)
    change = serializers.CharField(allow_null=True)
    change_unit = serializers.CharField()
    like_for_like = serializers.BooleanField()


class TimePartSerializer(serializers.Serializer[Any]):
    """A part of a figure within one part of time; its key is that one's code."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # shadows the field's own label
    value = serializers.CharField(allow_null=True)
    numerator = serializers.CharField(allow_null=True)
    denominator = serializers.CharField(allow_null=True)


class RowSerializer(serializers.Serializer[Any]):
    """One part of a split figure; its key is a code, an id, or empty for what is not known.

    With `grain`, `cells` are that part over time.
    """

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # shadows the field's own label
    value = serializers.CharField(allow_null=True)
    numerator = serializers.CharField(allow_null=True)
    denominator = serializers.CharField(allow_null=True)
    comparison = ComparisonSerializer(allow_null=True)
    cells = TimePartSerializer(many=True)


class RestatedSerializer(serializers.Serializer[Any]):
    """What the figure was by what was known when its period closed; it is another one now."""

    value = serializers.CharField(allow_null=True)
    closed_at = serializers.DateTimeField()
    by_hand = serializers.BooleanField(help_text="Closed by somebody, or only over")
    target = serializers.CharField(allow_null=True)


class AnswerSerializer(serializers.Serializer[Any]):
    """A figure: decimals are strings, rates are fractions, null is nothing measured.

    `expected` is what share of its target a pace holds the period to. `over_time` are its parts
    of time where `grain` parts those of a dimension.
    """

    key = serializers.CharField()
    unit = serializers.CharField()
    formula = serializers.CharField()
    period = serializers.CharField()
    scope = serializers.CharField()
    as_of = serializers.DateTimeField()
    basis = serializers.CharField()
    value = serializers.CharField(allow_null=True)
    state = serializers.CharField()
    missing_rate = MissingRateSerializer(allow_null=True)
    restated = RestatedSerializer(allow_null=True)
    numerator = serializers.CharField(
        allow_null=True, help_text="Null where it is worked out of several `parts`"
    )
    denominator = serializers.CharField(
        allow_null=True,
        help_text="Null where there is none, or it is worked out of several `parts`, or a target",
    )
    parts = serializers.DictField(
        child=serializers.CharField(allow_null=True),
        help_text="Every measure that it is made of or shown with; each has records by its name",
    )
    target = serializers.CharField(allow_null=True)
    target_is_sum = serializers.BooleanField()
    expected = serializers.CharField(allow_null=True)
    comparison = ComparisonSerializer(allow_null=True)
    rows = RowSerializer(many=True)
    over_time = TimePartSerializer(many=True)


class RecordsSerializer(serializers.Serializer[Any]):
    """A page of the rows behind a figure; contributions add up to `total`."""

    part = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # shadows the field's own label
    total = serializers.CharField(allow_null=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = serializers.ListField(child=serializers.DictField())
