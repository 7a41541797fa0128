"""People, whose open deals and waiting leads follow them from team to team, and the teams."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin import PersonAdmin, PersonForm, TeamAdmin
from accounts.models import Team, User
from pipeline.actions.people import settle_person, transfer_person
from pipeline.admin.announced import AnnouncedAdmin


class MovingPersonForm(PersonForm):
    """With the team that the person is to move to today."""

    move_to = forms.ModelChoiceField(
        label=_("move to team"),
        queryset=Team.objects.all(),
        required=False,
        help_text=_("From today. Open deals and waiting leads follow; closed deals stay."),
    )


@admin.register(User)
class CreditedPersonAdmin(PersonAdmin):
    """A person; saving their memberships moves what they are still working on."""

    form = MovingPersonForm
    fieldsets: ClassVar[Any] = (*PersonAdmin.fieldsets, (_("Team"), {"fields": ("move_to",)}))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        by, at = request.user, timezone.now()
        assert isinstance(by, User)
        to = form.cleaned_data.get("move_to")
        if to is not None:
            transfer_person(person=form.instance, to=to, by=by, at=at)
        else:
            settle_person(person=form.instance, by=by, at=at)


@admin.register(Team)
class CreditedTeamAdmin(AnnouncedAdmin, TeamAdmin):
    """A team; what it and those above it have done follows from its place in the tree."""
