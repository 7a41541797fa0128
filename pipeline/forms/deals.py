"""What people fill in about deals."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Permission, allowed
from accounts.scope import visible_people
from pipeline.forms.editing import DAY, FactForm, PercentField, offer_some
from pipeline.models import Activity, Criterion, Customer, Deal, LostReason, Stage


class DealForm(FactForm):
    """What is known about a deal; its stage and owner change by actions of their own."""

    probability = PercentField(
        label=_("Own probability, %"),
        required=False,
        help_text=_("Empty: the stage's probability."),
    )

    class Meta:
        model = Deal
        fields = (
            "name",
            "customer",
            "amount",
            "currency",
            "kind",
            "source",
            "expected_close",
            "next_step",
            "next_step_on",
            "probability",
            "category",
        )
        widgets: ClassVar[dict[str, Any]] = {"expected_close": DAY, "next_step_on": DAY}

    def __init__(
        self, data: Any = None, *, viewer: User, instance: Any = None, **options: Any
    ) -> None:
        super().__init__(data, instance=instance, **options)
        self.fields["amount"].validators.append(MinValueValidator(0))
        self.fields["amount"].widget.attrs["min"] = 0
        offer_some(
            self.fields["customer"],
            Customer.objects.visible_to(viewer),
            self["customer"].value(),
            _("No customer yet"),
        )


class NewDealForm(DealForm):
    """A new deal also says where it starts and, from those who may say so, whose it is."""

    stage = forms.ModelChoiceField(
        Stage.objects.open().select_related("process"),
        label=_("Stage"),
        required=False,
    )
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"), required=False)

    def __init__(self, data: Any = None, *, viewer: User, **options: Any) -> None:
        super().__init__(data, viewer=viewer, **options)
        stage, owner = self.fields["stage"], self.fields["owner"]
        assert isinstance(stage, forms.ModelChoiceField)
        assert isinstance(owner, forms.ModelChoiceField)
        stage.empty_label = _("The first of the default process")
        by_process(stage)
        owner.empty_label = str(viewer)
        owner.queryset = assignable(viewer)
        if not allowed(viewer, Permission.REASSIGN):
            del self.fields["owner"]


class ProcessForm(FactForm):
    """In which stage of another sales process a deal goes on."""

    class Meta:
        model = Deal
        fields = ("stage",)

    def __init__(self, data: Any = None, *, instance: Deal, **options: Any) -> None:
        super().__init__(data, instance=instance, **options)
        field = self.fields["stage"]
        assert isinstance(field, forms.ModelChoiceField)
        others = Stage.objects.open().exclude(process=instance.stage.process_id)
        field.queryset = others.select_related("process")
        field.label = _("Stage of the other process")
        stages = by_process(field, always=True)
        like = [each for each in stages if each.category == instance.forecast_category]
        self.initial["stage"] = next((each.pk for each in [*like, *stages]), None)


def by_process(field: Any, *, always: bool = False) -> list[Stage]:
    """Group the stages that a field offers by their sales process; answers them in that order.

    Where there is one process alone, its name is left out unless it `always` stands there.
    """
    stages = sorted(field.queryset, key=lambda each: (not each.process.is_default, each.process_id))
    groups: dict[str, list[tuple[int, str]]] = {}
    for stage in stages:
        groups.setdefault(stage.process.name, []).append((stage.pk, stage.label))
    empty = [] if field.required else [("", field.empty_label)]
    listed = list(groups.items()) if always or len(groups) > 1 else next(iter(groups.values()), [])
    field.widget.choices = [*empty, *listed]
    return stages


class NextStepForm(FactForm):
    """What comes next, and until when."""

    class Meta:
        model = Deal
        fields = ("next_step", "next_step_on")
        widgets: ClassVar[dict[str, Any]] = {"next_step_on": DAY}


class MoveForm(forms.Form):
    """Where a deal goes, and what must be known for it."""

    revision = forms.IntegerField()
    stage = forms.ModelChoiceField(Stage.objects.all())
    lost_reason = forms.ChoiceField(choices=[("", ""), *LostReason.choices], required=False)
    amount = forms.DecimalField(min_value=0, max_digits=18, decimal_places=2, required=False)


class RevisionForm(forms.Form):
    """A press of a button on a deal as it was read."""

    revision = forms.IntegerField()


class TickForm(forms.Form):
    """A criterion, and whether it is met."""

    criterion = forms.ModelChoiceField(Criterion.objects.select_related("stage"))
    met = forms.BooleanField(required=False)


class ReassignForm(forms.Form):
    """Who takes a deal over."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    owner = forms.ModelChoiceField(User.objects.none(), label=_("New owner"), empty_label=None)

    def __init__(self, data: Any = None, *, viewer: User, **options: Any) -> None:
        super().__init__(data, **options)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = assignable(viewer)


class ActivityForm(FactForm):
    """A contact that took place just now."""

    class Meta:
        model = Activity
        fields = ("kind", "subject", "note")
        widgets: ClassVar[dict[str, Any]] = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = Activity.Kind.choices


def assignable(viewer: User) -> Any:
    """The people whom work can be given to."""
    return visible_people(viewer).filter(is_active=True)
