"""Sales processes and their stages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.admin import AnyInline, AnyInlineFormSet
from charts.numbers import NOTHING, Unit, write
from pipeline.actions.processes import set_probabilities
from pipeline.admin.announced import AnnouncedAdmin
from pipeline.learning import Learned, learned_probabilities
from pipeline.models import Criterion, Outcome, SalesProcess, Stage

if TYPE_CHECKING:
    StageModelForm = ModelForm[Stage]
else:
    StageModelForm = ModelForm


class StageForm(StageModelForm):
    """A stage among those of its process."""

    class Meta:
        model = Stage
        fields = ("position", "name", "name_ko", "probability", "category", "outcome")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.in_force = self.instance.probability
        if self.instance.by_hand is not None:
            self.initial["probability"] = self.instance.by_hand

    def save(self, commit: bool = True) -> Stage:  # noqa: FBT001  # Django's own
        """What is typed while probabilities are learned is kept for when they are not."""
        if self.instance.by_hand is not None:
            self.instance.by_hand = self.cleaned_data["probability"]
            self.instance.probability = self.in_force
        return super().save(commit)

    def clean_outcome(self) -> str:
        """A deal repeats its stage's outcome, so one that deals are in keeps it."""
        outcome = str(self.cleaned_data["outcome"])
        if "outcome" in self.changed_data and self.instance.pk and self.instance.deals.exists():
            raise ValidationError(_("Deals are in this stage. Make another stage instead."))
        return outcome

    def _get_validation_exclusions(self) -> set[str]:
        # Two stages may trade places; the database looks at commit, the formset before.
        return {*super()._get_validation_exclusions(), "position"}  # type: ignore[misc] # Django's


class StageFormSet(AnyInlineFormSet):
    """The stages of one process: each in a place of its own, one to win and one to lose."""

    def clean(self) -> None:
        super().clean()
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.is_valid() and (form.instance.pk or form.has_changed())
        ]
        kept = [stage for stage in kept if stage and not stage.get("DELETE")]
        places = Counter(stage["position"] for stage in kept)
        if any(count > 1 for count in places.values()):
            raise ValidationError(_("Two stages have the same position."))
        ends = Counter(stage["outcome"] for stage in kept)
        if (ends[Outcome.WON], ends[Outcome.LOST]) != (1, 1):
            raise ValidationError(_("A process has exactly one stage for won and one for lost."))


class StageInline(AnyInline):
    model = Stage
    form = StageForm
    formset = StageFormSet
    extra = 0
    ordering = ("position",)
    readonly_fields = ("learned",)
    show_change_link = True

    @admin.display(description=_("learned so far"))
    def learned(self, stage: Stage) -> str:
        """What the stage's probability is, or would be, where it is learned."""
        found = self._learned(stage).get(stage.pk) if stage.pk else None
        if found is None:
            return NOTHING
        return _("%(share)s (%(won)s of %(reached)s won)") % {
            "share": write(found.share, Unit.PERCENT, language=get_language() or "en", currency=""),
            "won": found.won,
            "reached": found.reached,
        }

    def _learned(self, stage: Stage) -> dict[int, Learned]:
        """Of all stages of the process, read once for the page."""
        process = stage.process
        known: dict[int, Learned] | None = getattr(process, "_learned", None)
        if known is None:
            known = learned_probabilities(process, at=timezone.now())
            process._learned = known  # type: ignore[attr-defined]  # a memo of this request only
        return known

    def get_extra(self, request: Any, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 3


class CriterionInline(AnyInline):
    """Retired rather than deleted: deals' histories name them."""

    model = Criterion
    fields = ("position", "name", "name_ko", "is_must", "is_active")
    extra = 0
    can_delete = False


@admin.register(Stage)
class StageAdmin(AnnouncedAdmin):
    """The exit criteria of a stage; all else of it is edited with its process."""

    list_display = ("name", "name_ko", "process", "position")
    list_filter = ("process",)
    ordering = ("process", "position")
    fields = ("process", "name", "name_ko")
    readonly_fields = fields
    inlines = (CriterionInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SalesProcess)
class SalesProcessAdmin(AnnouncedAdmin):
    list_display = ("name", "slug", "is_default", "learns")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (StageInline,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        with self.in_the_name_of(request):
            super().save_related(request, form, formsets, change)
            set_probabilities(process=form.instance, at=timezone.now())
