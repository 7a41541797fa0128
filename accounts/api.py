"""Teams and people through the API, as far as a person sees them. Staff write in the admin."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers, viewsets
from rest_framework.filters import SearchFilter

from accounts.models import Membership, Team, User
from accounts.roles import Role
from accounts.scope import known_teams, visible_people

ID = "[0-9]{1,18}"
"""What an address may name a row by: as many digits as a key can have."""


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team; `parent` is the short name of the team above it."""

    parent: Any = serializers.SlugRelatedField[Team]("slug", read_only=True, allow_null=True)

    class Meta:
        model = Team
        fields = ("id", "external_id", "slug", "name", "parent")


class TeamViews(viewsets.ReadOnlyModelViewSet[Team]):
    """The teams whose facts the viewer sees, and their own."""

    queryset = Team.objects.select_related("parent")
    serializer_class = TeamSerializer
    lookup_value_regex = ID
    filter_backends = (SearchFilter,)
    search_fields = ("slug", "name", "external_id")

    def get_queryset(self) -> QuerySet[Team]:
        teams = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return teams
        seen = known_teams(cast("User", self.request.user))
        return teams.filter(pk__in=[team.pk for team in seen])


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """In a team from `start` until the day before `end`."""

    team = serializers.SlugRelatedField[Team]("slug", read_only=True)

    class Meta:
        model = Membership
        fields = ("team", "start", "end")


class UserSerializer(serializers.ModelSerializer[User]):
    """A person, with the teams they were and are in, newest first."""

    memberships = MembershipSerializer(many=True, read_only=True)

    class Meta:
        model = User
        fields = (
            "id",
            "external_id",
            "email",
            "name",
            "role",
            "is_staff",
            "is_active",
            "joined_on",
            "memberships",
        )


class UserFilters(filters.FilterSet):  # type: ignore[misc] # django-filter carries no types
    """By role, and by a team they are or were in."""

    role = filters.ChoiceFilter(choices=Role.choices)
    team = filters.CharFilter(field_name="memberships__team__slug", distinct=True)
    is_active = filters.BooleanFilter()


class UserViews(viewsets.ReadOnlyModelViewSet[User]):
    """The people whose figures the viewer may ask for; `users/me/` is the viewer."""

    queryset = User.objects.prefetch_related("memberships__team")
    serializer_class = UserSerializer
    lookup_value_regex = f"{ID}|me"
    filter_backends = (filters.DjangoFilterBackend, SearchFilter)
    filterset_class = UserFilters
    search_fields = ("name", "email", "external_id")

    def get_queryset(self) -> QuerySet[User]:
        people = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return people
        return people.filter(pk__in=visible_people(cast("User", self.request.user)).values("pk"))

    def get_object(self) -> Any:
        if self.kwargs["pk"] == "me":
            self.kwargs["pk"] = str(self.request.user.pk)
        return super().get_object()
