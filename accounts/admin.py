"""The company, its people and its teams in Django's admin: settings, for staff alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.forms import ResetPasswordForm
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db import models, transaction
from django.db.models import Case, Count, Expression, Q, QuerySet, Value, When
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actions import forget_other_addresses
from accounts.models import Company, Membership, Team, User
from accounts.scope import Tree
from history import recorded_by

if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
    AnyInline = admin.TabularInline[Any, Any]
    AnyUserAdmin = UserAdmin[User]
    AnyInlineFormSet = BaseInlineFormSet[Any, Any, Any]
    UserForm = ModelForm[User]
    NewUserForm = AdminUserCreationForm[User]
else:
    AnyAdmin, AnyInline, AnyUserAdmin = admin.ModelAdmin, admin.TabularInline, UserAdmin
    AnyInlineFormSet, UserForm = BaseInlineFormSet, ModelForm
    NewUserForm = AdminUserCreationForm


class RecordedAdmin(AnyAdmin):
    """Keeps in the history who changed the settings."""

    @contextmanager
    def in_the_name_of(self, request: HttpRequest) -> Iterator[None]:
        """One transaction whose versions name the person who asks as their author."""
        with transaction.atomic(), recorded_by(request.user.pk):
            yield

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: Any) -> None:
        with self.in_the_name_of(request):
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        with self.in_the_name_of(request):
            super().save_related(request, form, formsets, change)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        with self.in_the_name_of(request):
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with self.in_the_name_of(request):
            super().delete_queryset(request, queryset)


@admin.register(Company)
class CompanyAdmin(RecordedAdmin):
    """The one company: neither added nor taken away."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        key = Company.current().pk
        return HttpResponseRedirect(reverse("admin:accounts_company_change", args=[key]))


class TeamAdmin(RecordedAdmin):
    """The tree of teams, shown as one. Registered above, where figures are known to follow it."""

    list_display = ("branch", "slug", "parent", "people")
    search_fields = ("name", "slug", "external_id")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("parent",)
    list_select_related = ("parent",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        today = Company.current().calendar.business_day(timezone.now())
        present = Q(memberships__in=Membership.objects.running(today))
        people = Count("memberships__user", filter=present, distinct=True)
        depths = {team.pk: depth for team, depth in Tree.load().walk()}
        return Team.objects.annotate(members=people, depth=_by_team(depths))

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """As the tree is walked; wherever a team is chosen, too."""
        keys = [team.pk for team, _depth in Tree.load().walk()]
        return (_by_team({key: place for place, key in enumerate(keys)}), "pk")

    @admin.display(description=_("team"))
    def branch(self, team: Any) -> SafeString:
        return format_html("{}{}", "\u2003" * team.depth, team.name)

    @admin.display(description=_("people"))
    def people(self, team: Any) -> int:
        return int(team.members)


def _by_team(numbers: Mapping[int, int]) -> Expression:
    """In SQL, the number that a team has; 0 for another."""
    return Case(*(When(pk=key, then=number) for key, number in numbers.items()), default=Value(0))


@admin.register(Authenticator)
class SecondFactorAdmin(RecordedAdmin):
    """Who has a second factor; taking it away lets in somebody who lost it."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__email",)
    fields = readonly_fields = list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class MembershipInline(AnyInline):
    """Which teams a person was and is in."""

    model = Membership
    extra = 0
    autocomplete_fields = ("team",)


class NewPersonForm(NewUserForm):
    """A person to be: with a password, or with a link by mail to choose one."""

    class Meta:
        model = User
        fields = ("email", "name", "role", "is_staff", "language")
        field_classes: ClassVar[dict[str, Any]] = {}


class PersonForm(UserForm):
    """What is known about a person."""

    class Meta:
        model = User
        fields = (
            "email",
            "name",
            "role",
            "is_staff",
            "is_active",
            "language",
            "time_zone",
            "external_id",
            "joined_on",
        )


class PersonAdmin(RecordedAdmin, AnyUserAdmin):
    """People. They are deactivated rather than deleted: what they sold stays theirs."""

    form = PersonForm
    add_form = NewPersonForm
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("email", "name", "joined_on", "external_id")}),
        (_("May"), {"fields": ("role", "is_staff", "is_active")}),
        (_("Pages and mail"), {"fields": ("language", "time_zone")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "role", "is_staff", "language")}),
        (_("Password"), {"fields": ("usable_password", "password1", "password2")}),
    )
    list_display = ("email", "name", "role", "is_staff", "is_active", "last_login")
    list_filter = ("role", "is_staff", "is_active", "memberships__team")
    search_fields = ("email", "name", "external_id")
    ordering = ("email",)
    filter_horizontal = ()
    inlines = (MembershipInline,)
    actions = ("send_password_link",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        assert isinstance(obj, User)
        forget_other_addresses(of=obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "language": Company.current().language,
            **super().get_changeform_initial_data(request),
        }

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody locks themselves out: another member of staff must."""
        return ("is_staff", "is_active") if obj is not None and obj == request.user else ()

    @admin.action(description=_("Send a link to choose a password"))
    def send_password_link(self, request: HttpRequest, people: QuerySet[User]) -> None:
        forms = [ResetPasswordForm({"email": each.email}) for each in people.filter(is_active=True)]
        valid = [form for form in forms if form.is_valid()]
        for form in valid:
            form.save(request)
        sent = len(valid)
        text = ngettext("%(sent)s link was sent.", "%(sent)s links were sent.", sent)
        self.message_user(request, text % {"sent": sent}, messages.SUCCESS)
