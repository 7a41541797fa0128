"""Detect for submissions: who is to be reminded, and whose leads are told; each recorded once.

Any number of workers may look at once: a notice and the mail that it calls for are recorded
together, by whoever is first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.roles import Permission, allowed, require
from accounts.scope import COMPANY, Tree
from alerts.models import Delivery, Notice, NoticeKind
from forecasting.deadlines import Asked, Window, asked_by, duties, read, window_at
from forecasting.members import Members
from forecasting.models import Deadline, Submission
from forecasting.rights import is_called, may_adjust
from periods import Period

TELL_WITHIN = timedelta(hours=12)
"""A summary that nobody could send for so long is told no more."""


def remind(*, at: datetime) -> list[Notice]:
    """Record what is called for at an instant. Doing it again changes nothing."""
    deadlines = list(Deadline.objects.filter(is_active=True))
    if not deadlines:
        return []
    members, tree = everybody(at), Tree.load()
    found = [_reminder(each, at) for each in asked_by(deadlines, members, tree, at)]
    ended = [window_at(each, at, Company.current().calendar).before() for each in deadlines]
    lately = [each for each in ended if each.due >= max(each.deadline.since, at - TELL_WITHIN)]
    new = [each for each in lately if not _is_noted(NoticeKind.SUMMARY, each)]
    found += [_summary(each, members, tree, at) for each in read(new, members, tree, at)]
    return [notice for notice in found if notice is not None]


def everybody(at: datetime) -> Members:
    """Who belongs to which team at an instant."""
    return Members.of(COMPANY, Company.current().calendar.business_day(at))


def _reminder(asked: Asked, at: datetime) -> Notice | None:
    window = asked.window
    hours = window.deadline.remind_hours
    is_near = hours and at >= window.due - timedelta(hours=hours)
    if not is_near or _is_noted(NoticeKind.REMINDER, window):
        return None
    return _record(_notice(NoticeKind.REMINDER, window, at), [each.pk for each in asked.waiting])


def _summary(asked: Asked, members: Members, tree: Tree, at: datetime) -> Notice | None:
    leads = leads_of(asked.people, members, tree)
    return _record(_notice(NoticeKind.SUMMARY, asked.window, at), leads)


def leads_of(people: Iterable[int], members: Members, tree: Tree) -> set[int]:
    """Who leads somebody's team, or one above it, without being that somebody."""
    leads: dict[int, set[int]] = {}
    for key, user in members.people.items():
        leads_it = allowed(user, Permission.VIEW_TEAM) and user.is_active
        for team in tree.scope(tree.teams[members.homes[key]]).team_ids if leads_it else ():
            leads.setdefault(team, set()).add(key)
    return {lead for key in people for lead in leads.get(members.homes[key], set()) - {key}}


def _notice(kind: NoticeKind, window: Window, at: datetime) -> Notice:
    return Notice(
        kind=kind, deadline=window.deadline, due=window.due, period=window.period.code, at=at
    )


def _is_noted(kind: NoticeKind, window: Window) -> bool:
    return Notice.objects.filter(kind=kind, deadline=window.deadline, due=window.due).exists()


def _record(notice: Notice, people: Collection[int]) -> Notice | None:
    """The notice together with the mail it calls for; None where another one was first."""
    try:
        with transaction.atomic():
            notice.save()
            Delivery.objects.bulk_create(
                Delivery(notice=notice, recipient_id=person, next_attempt_at=notice.at)
                for person in sorted(people)
            )
    except IntegrityError:
        return None
    return notice


def nudge(*, by: User, person: User, period: Period, at: datetime) -> Notice:
    """Ask somebody by mail to submit a period's forecast, once a day.

    PermissionDenied unless `by` leads them. ValidationError where they have submitted, are not
    asked for it, or were nudged today.
    """
    require(by, Permission.ADJUST_FORECAST)
    members = everybody(at)
    home = members.homes.get(person.pk)
    if home is None or not may_adjust(by, home, person.pk):
        raise PermissionDenied(_("You may nudge those whom you lead."))
    if not is_called(period, at) or not _is_waiting(person, home, members, period, at):
        raise ValidationError(_("Nothing is left to submit."))
    notice = Notice(
        kind=NoticeKind.NUDGE,
        period=period.code,
        by=by,
        person=person,
        day=period.calendar.business_day(at),
        at=at,
    )
    if _record(notice, [person.pk]) is None:
        raise ValidationError(_("You have nudged them today already."))
    return notice


def _is_waiting(person: User, home: int, members: Members, period: Period, at: datetime) -> bool:
    one = Members({person.pk: members.people[person.pk]}, {person.pk: home})
    duty = duties(one, period, Tree.load(), at).get(person.pk)
    return not has_said(person, period) if duty is None else not duty.is_done


def has_said(person: User, period: Period) -> bool:
    """Whether somebody has ever submitted a period's forecast."""
    span = {"start": period.start, "end": period.end}
    return Submission.objects.filter(user=person, **span).exists()


def still_wanted(notice: Notice, recipient: User, *, at: datetime) -> bool:
    """Whether the mail still makes sense: who has submitted meanwhile is not reminded."""
    if not recipient.is_active:
        return False
    period = period_of(notice)
    members = everybody(at)
    if notice.kind == NoticeKind.SUMMARY:
        return bool(told_to(notice, recipient, members))
    home = members.homes.get(recipient.pk)
    if home is None or not is_called(period, at):
        return False
    if notice.kind == NoticeKind.NUDGE:
        return _is_waiting(recipient, home, members, period, at)
    is_due = notice.due is not None and at < notice.due
    return is_due and any(recipient in each.waiting for each in _of(notice, members))


def period_of(notice: Notice) -> Period:
    """The period that a notice is about."""
    return Company.current().calendar.parse(notice.period, at=notice.at)


def told_to(notice: Notice, lead: User, members: Members) -> list[tuple[User, bool]]:
    """Those of a lead whom a summary is about, and whether each had submitted."""
    if not allowed(lead, Permission.VIEW_TEAM) or lead.pk not in members.homes:
        return []
    tree = Tree.load()
    below = tree.scope(tree.teams[members.homes[lead.pk]]).team_ids
    found = {
        key: (user, key in each.done)
        for each in _of(notice, members)
        for key, user in each.people.items()
        if members.homes[key] in below and key != lead.pk
    }
    return sorted(found.values(), key=lambda pair: (pair[1], str(pair[0])))


def _of(notice: Notice, members: Members) -> list[Asked]:
    """The window of a notice, with all that was submitted in it by now."""
    if notice.deadline is None or notice.due is None:
        return []
    instant = notice.due - timedelta(microseconds=1)
    window = window_at(notice.deadline, instant, Company.current().calendar)
    return read([window], members, Tree.load(), notice.due) if window.due == notice.due else []
