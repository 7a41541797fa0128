"""What happens to the facts when people move between teams."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import F, Q

from accounts.models import Company, Membership, Team, User
from accounts.roles import Permission
from pipeline.actions.changing import changing
from pipeline.actions.deals import team_of
from pipeline.models import Deal, Lead


def transfer_person(*, person: User, to: Team, by: User | None, at: datetime) -> Membership:
    """End a person's present memberships today and begin one in another team.

    Open deals and waiting leads follow; closed and converted ones stay credited where they
    were. One who is in that team alone stays as they are.
    """
    today = Company.current().calendar.business_day(at)
    with changing(by=by, needs=Permission.EDIT_SETTINGS):
        membership = _change_team(person, to, today)
        settle_person(person=person, by=by, at=at)
        return membership


def _change_team(person: User, to: Team, today: date) -> Membership:
    running = Membership.objects.running(today).filter(user=person)
    present = running.filter(team=to).first()
    others = running.exclude(pk=present.pk) if present else running
    # One that began today never was: it could only end tomorrow.
    others.filter(start=today).delete()
    others.update(end=today)
    return present or Membership.objects.create(user=person, team=to, start=today)


def settle_person(*, person: User, by: User | None, at: datetime) -> None:
    """Credit a person's open deals and waiting leads to the team that they are in now."""
    team = team_of(person, at=at)
    elsewhere = Q(team__isnull=False) if team is None else Q(team__isnull=True) | ~Q(team=team)
    with changing(by=by, needs=Permission.EDIT_SETTINGS):
        for rows in (Deal.objects.open(), Lead.objects.waiting()):
            moved = rows.filter(elsewhere, owner=person)
            moved.update(team=team, revision=F("revision") + 1, updated_at=at)
