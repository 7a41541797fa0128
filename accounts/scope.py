"""Who may see what: the one place that turns a person or a scope into a filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.epochs import Epoch, Epochs, Lineage, below, lineage, seen_from
from accounts.models import Company, Membership, Team, User
from accounts.roles import Permission, allowed
from history import version_model


class ScopeKind(StrEnum):
    COMPANY = "company"
    TEAM = "team"
    USER = "user"


class BadScope(ValueError):
    """The text is not a scope at all; the message says which forms are accepted."""


class OutsideScope(PermissionDenied):
    """The scope is not the viewer's to see (or does not exist, which they need not learn)."""

    def __init__(self) -> None:
        super().__init__(_("These figures are outside what you may see."))


@dataclass(frozen=True)
class Scope:
    """The company, one team with those below it, or one person.

    `team_ids` are the team's subtree, or the teams within which somebody else's work may be
    seen: a lead sees of a person only what is credited to the lead's own teams. `epochs` say
    which teams were the subtree when, if it ever was another than now.
    """

    kind: ScopeKind
    id: int = 0
    slug: str = ""
    label: str = field(default="", compare=False)
    team_ids: frozenset[int] = frozenset()
    epochs: Epochs[frozenset[int]] = ()

    @property
    def code(self) -> str:
        """As in URLs: `company`, `team:SLUG` or `user:ID`."""
        if self.kind is ScopeKind.COMPANY:
            return "company"
        return f"team:{self.slug}" if self.kind is ScopeKind.TEAM else f"user:{self.id}"

    def covers(self, *, owner: str = "owner", team: str = "team") -> Q:
        """The filter for rows credited by these two columns; "" where a fact has none."""
        if self.kind is ScopeKind.COMPANY:
            return Q()
        if self.kind is ScopeKind.TEAM:
            return Q(**{f"{team}__in": self.team_ids}) if team else Q(pk__in=[])
        if not owner:
            return Q(pk__in=[])
        within = Q(**{f"{team}__in": self.team_ids}) if self.team_ids and team else Q()
        return Q(**{owner: self.id}) & within

    def covers_by_date(
        self,
        column: str,
        edge: Callable[[datetime], Any],
        *,
        owner: str = "owner",
        team: str = "team",
    ) -> Q:
        """The same by the tree of each row's date: `edge` writes an instant as `column` has it."""
        if not self.epochs or not team:
            return self.covers(owner=owner, team=team)
        found, since = Q(), Q()
        for epoch in self.epochs:
            within = since & Q(**{f"{team}__in": epoch.held})
            if epoch.until is not None:
                within &= Q(**{f"{column}__lt": edge(epoch.until)})
                since = Q(**{f"{column}__gte": edge(epoch.until)})
            found |= within
        return found

    def as_of(self, moment: datetime) -> Scope:
        """With the subtree that was known at an instant, and before it."""
        if not self.epochs:
            return self
        epochs = seen_from(self.epochs, moment)
        return replace(self, team_ids=epochs[-1].held, epochs=epochs if len(epochs) > 1 else ())


COMPANY = Scope(ScopeKind.COMPANY)


@dataclass(frozen=True)
class Tree:
    """The teams as they stand and stood, read in one query."""

    teams: dict[int, Team]
    lineage: Lineage

    @classmethod
    def load(cls) -> Tree:
        """The tree, with all that it ever was."""
        known = version_model(Team).objects.known().filter(row=OuterRef("pk"), deleted=False)
        found = Team.objects.annotate(
            since=ArraySubquery(known.values("valid_from")),
            above=ArraySubquery(known.values("parent")),
        )
        teams: dict[int, Team] = {team.pk: team for team in found}
        present = {team.pk: team.parent_id for team in teams.values()}
        states = ((team.pk, team.since, team.above) for team in found)
        return cls(teams, lineage(present, states))

    def subtree(self, roots: Iterable[int]) -> frozenset[int]:
        """The roots and every team below them."""
        return below(self.lineage.present, roots)

    def walk(self) -> Iterator[tuple[Team, int]]:
        """Every team after the one above it, by name, with its depth (0 at the top)."""
        children: dict[int | None, list[Team]] = {}
        for team in sorted(self.teams.values(), key=lambda team: (team.name, team.pk)):
            children.setdefault(team.parent_id, []).append(team)
        waiting = [(team, 0) for team in reversed(children.get(None, []))]
        while waiting:
            team, depth = waiting.pop()
            yield team, depth
            waiting.extend((child, depth + 1) for child in reversed(children.get(team.pk, [])))

    def scope(self, team: Team) -> Scope:
        """The scope of a team: itself and every team below it."""
        epochs = self.lineage.epochs(lambda parents: below(parents, [team.pk]))
        earlier = epochs if len(epochs) > 1 else ()
        return Scope(ScopeKind.TEAM, team.pk, team.slug, team.name, epochs[-1].held, earlier)

    def parts(self, scope: Scope) -> Epochs[dict[int, frozenset[int]]]:
        """The teams that a scope's figures are split into, each with all below it, by epoch."""
        if scope.kind is ScopeKind.USER:
            return (Epoch(None, {}),)
        above = scope.id if scope.kind is ScopeKind.TEAM else None
        return self.lineage.epochs(
            lambda parents: {
                team_id: below(parents, [team_id])
                for team_id, parent_id in parents.items()
                if parent_id == above
            }
        )


@dataclass(frozen=True)
class Reach:
    """What one person sees: everything, the rows of some teams, or their own."""

    viewer: User
    everything: bool
    own_team_ids: frozenset[int]
    team_ids: frozenset[int]
    tree: Tree

    def covers(self, *, owner: str = "owner", team: str = "team") -> Q:
        """The filter for rows credited by these two columns."""
        if self.everything:
            return Q()
        own = Q(**{owner: self.viewer.pk}) if owner else Q(pk__in=[])
        return own | Q(**{f"{team}__in": self.team_ids}) if self.team_ids and team else own

    def sees(self, owners: Iterable[int | None], teams: Iterable[int | None]) -> bool:
        """Whether a change to rows of these owners and teams concerns the viewer."""
        if self.everything:
            return True
        return self.viewer.pk in set(owners) or not self.team_ids.isdisjoint(set(teams))


def reach(viewer: User) -> Reach:
    """What a person sees today; read once per request, kept on the person's object."""
    known: Reach | None = getattr(viewer, "_reach", None)
    if known is None:
        known = _read_reach(viewer, at=timezone.now())
        viewer._reach = known  # type: ignore[attr-defined]  # a memo of this request only
    return known


def _read_reach(viewer: User, *, at: datetime) -> Reach:
    tree = Tree.load()
    today = Company.current().calendar.business_day(at)
    memberships = Membership.objects.running(today).filter(user=viewer)
    own = frozenset(memberships.values_list("team", flat=True))
    teams = tree.subtree(own) if allowed(viewer, Permission.VIEW_TEAM) else frozenset()
    return Reach(viewer, allowed(viewer, Permission.VIEW_COMPANY), own, teams, tree)


def resolve(code: str, viewer: User) -> Scope:
    """The scope that `code` names. BadScope if it is no scope, OutsideScope if not theirs."""
    kind, _colon, name = code.partition(":")
    if kind == ScopeKind.COMPANY and not name:
        return _company_scope(viewer)
    if kind == ScopeKind.TEAM and name:
        return _team_scope(name, viewer)
    if kind == ScopeKind.USER and name.isascii() and name.isdecimal() and len(name) < 19:
        return _user_scope(int(name), viewer)
    raise BadScope(
        gettext("“%(code)s” is not a scope: use company, team:SLUG or user:ID.") % {"code": code}
    )


def _company_scope(viewer: User) -> Scope:
    if not reach(viewer).everything:
        raise OutsideScope
    return Scope(ScopeKind.COMPANY, label=Company.current().name)


def _team_scope(slug: str, viewer: User) -> Scope:
    mine = reach(viewer)
    team = next((team for team in mine.tree.teams.values() if team.slug == slug), None)
    if team is None or not (mine.everything or team.pk in mine.team_ids):
        raise OutsideScope
    return mine.tree.scope(team)


def _user_scope(user_id: int, viewer: User) -> Scope:
    person = viewer if user_id == viewer.pk else visible_people(viewer).filter(pk=user_id).first()
    if person is None:
        raise OutsideScope
    return person_scope(person, viewer)


def person_scope(person: User, viewer: User) -> Scope:
    """The scope of a person whom the viewer may ask for: of others, the work in one's teams."""
    theirs = viewer == person or reach(viewer).everything
    within = frozenset() if theirs else reach(viewer).team_ids
    return Scope(ScopeKind.USER, person.pk, label=str(person), team_ids=within)


def visible_people(viewer: User) -> models.QuerySet[User]:
    """The people whose figures a person may ask for: those ever in a team they see."""
    mine = reach(viewer)
    if mine.everything:
        return User.objects.all()
    members = Membership.objects.filter(team__in=mine.team_ids).values("user")
    return User.objects.filter(Q(pk=viewer.pk) | Q(pk__in=members))


def visible_teams(viewer: User) -> list[Team]:
    """The teams whose figures a person may ask for, in the tree's own order."""
    mine = reach(viewer)
    teams = mine.tree.teams.values()
    return [team for team in teams if mine.everything or team.pk in mine.team_ids]


def known_teams(viewer: User) -> list[Team]:
    """The teams whose facts a person sees, and those they belong to themselves."""
    mine = reach(viewer)
    own = mine.team_ids | mine.own_team_ids
    return [team for key, team in mine.tree.teams.items() if mine.everything or key in own]


def home_scope(viewer: User) -> Scope:
    """Where a person's pages start: the company, their team, or themselves."""
    mine = reach(viewer)
    if mine.everything:
        return _company_scope(viewer)
    if mine.team_ids:
        first = min(mine.own_team_ids, key=lambda team_id: mine.tree.teams[team_id].name)
        return mine.tree.scope(mine.tree.teams[first])
    return Scope(ScopeKind.USER, viewer.pk, label=str(viewer))


class ScopedQuerySet(models.QuerySet[Any]):
    """Reads of a fact that is credited to an owner and a team, by these two columns."""

    owner_column: ClassVar[str] = "owner"
    team_column: ClassVar[str] = "team"

    def visible_to(self, viewer: User) -> Self:
        """The rows that a person may see."""
        return self.filter(reach(viewer).covers(owner=self.owner_column, team=self.team_column))

    def in_scope(self, scope: Scope) -> Self:
        """The rows credited to a scope."""
        return self.filter(scope.covers(owner=self.owner_column, team=self.team_column))
