"""Sales processes and their stages."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.utils.translation import gettext_lazy as _

from accounts.admin import AnyInline, AnyInlineFormSet
from pipeline.admin.announced import AnnouncedAdmin
from pipeline.models import Outcome, SalesProcess, Stage

if TYPE_CHECKING:
    StageModelForm = ModelForm[Stage]
else:
    StageModelForm = ModelForm


class StageForm(StageModelForm):
    """A stage among those of its process."""

    class Meta:
        model = Stage
        fields = ("position", "name", "name_ko", "probability", "category", "outcome")

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

    def get_extra(self, request: Any, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 3


@admin.register(SalesProcess)
class SalesProcessAdmin(AnnouncedAdmin):
    list_display = ("name", "slug", "is_default")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (StageInline,)
