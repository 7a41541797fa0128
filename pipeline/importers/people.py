"""Teams, people and memberships from an export; few enough to be written one by one."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pandas as pd
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Membership, Team, User
from accounts.roles import Role
from history import version_model
from pipeline.bulk import Counts
from pipeline.bulk.tables import ignoring_triggers
from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, numbered, records


def load_teams(rows: Rows, session: Session) -> None:
    """Teams, each below its parent. A parent may be named before or after its own row."""
    parents: dict[int, str] = {}
    lenient = "parent" in rows.mapping.fields and rows.mapping.fields["parent"].lenient
    for values in rows.chunks():
        named = rows.unique(_known_by(values, "name"), "external_id")
        for row in records(named):
            parent = row.pop("parent", None)
            team = _write(rows, Team, row, {"slug": _free_slug(row)})
            if parent:
                parents[team.pk] = parent
    session.references.forget("team")
    if lenient:
        known = session.references.known("team")
        lost = [team for team, name in parents.items() if name not in known]
        rows.note(_("teams: the parent is not in the file, so they have none"), len(lost))
        parents = {team: name for team, name in parents.items() if name in known}
    _set_parents(parents, rows, session)


def _set_parents(parents: dict[int, str], rows: Rows, session: Session) -> None:
    known = session.references.known("team")
    for team_id, name in parents.items():
        parent_id = known.get(name)
        if parent_id is None or parent_id == team_id:
            rows.refuse(_("the parent “%(name)s” is not another team") % {"name": name})
        team = Team.objects.get(pk=team_id)
        if team.parent_id != parent_id:
            team.parent_id = parent_id
            _save(team)


def load_people(rows: Rows, session: Session) -> None:
    """People who own what follows; new ones have no password and a made-up address."""
    domain = rows.mapping.options.get("email_domain", "example.com")
    above = _teams_above() if rows.option("leads", ("by_tree",)) else frozenset()
    for values in rows.chunks():
        called = "email" if rows.has("email") else "name"
        named = rows.unique(_known_by(values, called), "external_id")
        for row in records(named):
            team, since = row.pop("team", None), row.pop("member_since", None)
            if row.pop("deleted", False):
                row["is_active"] = False
            called = slugify(row["name"]) or slugify(row["external_id"])
            new = {"email": row.get("email") or free_address(called, domain), "password": "!"}
            if team in above:
                new["role"] = Role.LEAD
            user = _write(rows, User, row, new | {"language": session.company.language})
            if team is not None:
                _join(user, team, since, session)
    session.references.forget("person")


def _known_by(values: pd.DataFrame, otherwise: str) -> pd.DataFrame:
    """With an external id, which is the name (or address) where there is no other."""
    if "external_id" not in values:
        return values.assign(external_id=values[otherwise])
    return values.assign(external_id=values["external_id"].fillna(values[otherwise]))


def _write(rows: Rows, model: Any, row: dict[str, Any], new: dict[str, Any]) -> Any:
    """Make a team or person, or bring it up to date; None never replaces what is there."""
    known = {name: value for name, value in row.items() if value is not None}
    found = _present(model, known)
    if found is None:
        made = model(**{**new, **known})
        with ignoring_triggers(model):
            made.save()
        rows.count(Counts(created=1))
        return made
    changes = {name: value for name, value in known.items() if getattr(found, name) != value}
    for name, value in changes.items():
        setattr(found, name, value)
    if changes:
        found.save(update_fields=list(changes))
    rows.count(Counts(updated=1) if changes else Counts(unchanged=1))
    return found


def _present(model: Any, known: dict[str, Any]) -> Any:
    """The row of this external id; else one entered by hand with the same address or name."""
    found = model.objects.filter(external_id=known["external_id"]).first()
    if found is not None:
        return found
    by_hand = model.objects.filter(external_id__isnull=True)
    if model is User:
        return by_hand.filter(email__iexact=known["email"]).first() if "email" in known else None
    return by_hand.filter(name=known["name"]).first()


def _save(team: Team) -> None:
    """A team made by this import is given its parent before its history begins."""
    if version_model(Team).objects.filter(row=team.pk).exists():
        team.save(update_fields=["parent"])
        return
    with ignoring_triggers(Team):
        team.save(update_fields=["parent"])


def _free_slug(row: dict[str, Any]) -> str:
    base = slugify(row["name"], allow_unicode=True)[:50] or "team"
    taken = set(Team.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in numbered(base) if slug not in taken)


def free_address(name: str, domain: str) -> str:
    """A made-up address that nobody has."""
    words = slugify(name) or "person"
    base = re.sub(r"-+", ".", words)[:60]
    taken = set(User.objects.filter(email__startswith=base).values_list("email", flat=True))
    return next(f"{name}@{domain}" for name in numbered(base) if f"{name}@{domain}" not in taken)


def _teams_above() -> frozenset[int]:
    """Teams that have teams below them: whose people lead those."""
    below = Team.objects.filter(parent__isnull=False)
    return frozenset(parent for parent in below.values_list("parent", flat=True) if parent)


def load_memberships(rows: Rows, session: Session) -> None:
    """Who is in which team, from a table of pairs."""
    for values in rows.chunks():
        for row in records(rows.unique(values, "person")):
            was = session.teams.present(row["person"])
            _join(User(pk=row["person"]), row["team"], row.get("since"), session)
            written = was != row["team"]
            rows.count(Counts(created=int(written), unchanged=int(not written)))


def _join(user: User, team: int, since: Any, session: Session) -> None:
    """A new membership; the running one of another team ends on the day that it begins."""
    present = session.teams.present(user.pk)
    if present == team:
        return
    if present is None:
        session.teams.join(user.pk, team, since)
    else:
        _move(user, present, team, since or session.today, session)


def _move(user: User, present: int, team: int, start: date, session: Session) -> None:
    session.teams.leave(user.pk, present, start)
    running = Membership.objects.filter(user=user, team=present, end__isnull=True)
    running.filter(start__gte=start).delete()
    running.update(end=start)
    session.teams.join(user.pk, team, start)


def write_memberships(session: Session) -> None:
    """New memberships, the undated from the first day that the import knows."""
    for (user, team), start in session.teams.new.items():
        with ignoring_triggers(Membership):
            Membership.objects.create(
                user_id=user, team_id=team, start=start or session.first_day or session.today
            )
    session.bulk.first_versions(Membership, since=session.start_sql("start"))
