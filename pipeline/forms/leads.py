"""What people fill in about leads."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Permission, allowed
from pipeline.changes import changes_of
from pipeline.forms.deals import assignable
from pipeline.forms.editing import DAY, Difference, FactForm, offer_some
from pipeline.forms.filters import FilterForm, name_empty, offer
from pipeline.models import Customer, Deal, Lead, LeadStatus, SizeBand, Source, Stage
from pipeline.models.fact import Fact


class LeadForm(FactForm):
    """What is known about a lead."""

    class Meta:
        model = Lead
        fields = (
            "company_name",
            "name",
            "email",
            "phone",
            "source",
            "campaign",
            "industry",
            "size_band",
            "region",
        )

    def clean(self) -> dict[str, Any]:
        """A lead needs a name to be called by."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("company_name") and not cleaned.get("name"):
            self.add_error("company_name", _("Name the company or the contact."))
        return cleaned


class NewLeadForm(LeadForm):
    """A new lead also has an owner, chosen by those who give work to others."""

    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"), required=False)

    def __init__(self, data: Any = None, *, viewer: User, **options: Any) -> None:
        super().__init__(data, **options)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = assignable(viewer)
        owner.empty_label = str(viewer)
        if not allowed(viewer, Permission.REASSIGN):
            del self.fields["owner"]


class StatusForm(forms.Form):
    """Where a lead stands from now on; one that became a deal got there by converting."""

    revision = forms.IntegerField()
    status = forms.ChoiceField(choices=LeadStatus.choices)


class ConvertForm(FactForm):
    """The deal that a lead becomes, and whose it is."""

    stage = forms.ModelChoiceField(
        Stage.objects.open().select_related("process"),
        label=_("Stage"),
        required=False,
        empty_label=_("The first of the process"),
    )

    class Meta:
        model = Deal
        fields = ("customer", "name", "amount", "currency", "kind", "expected_close")
        widgets: ClassVar[dict[str, Any]] = {"expected_close": DAY}

    def __init__(self, data: Any = None, *, viewer: User, lead: Lead, **options: Any) -> None:
        super().__init__(data, **options)
        self.initial["revision"] = lead.revision
        offer_some(
            self.fields["customer"],
            Customer.objects.visible_to(viewer),
            self["customer"].value(),
            _("A new customer: %(name)s") % {"name": lead},
        )

    def meet(self, current: Fact) -> list[Difference]:
        """What somebody else's last change made of the lead, which this form does not show."""
        self.build_on(current)
        return [
            Difference(field.label, field.before_text, field.after_text)
            for change in changes_of(current)[:1]
            for field in change.fields
        ]


class LeadFilterForm(FilterForm):
    """Narrows leads by who they are and where they come from."""

    source = forms.ModelChoiceField(Source.objects.all(), label=_("Source"), required=False)
    size = forms.ChoiceField(label=_("Size"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        offer(self, "size", _("Every size"), SizeBand.choices)
        name_empty(self, "source", _("Every source"))
