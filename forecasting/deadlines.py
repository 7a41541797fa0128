"""Who is to submit what until when, who has, and who has missed it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Company, User
from accounts.scope import Tree
from forecasting.members import Members
from forecasting.models import Deadline, Submission
from forecasting.models.deadlines import Every
from forecasting.rights import sells_alone, submits
from periods import Calendar, Grain, Period

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """From one deadline to the next: what is submitted in (`opens`, `due`] counts for `due`."""

    deadline: Deadline
    opens: datetime
    due: datetime
    period: Period

    def before(self) -> Window:
        """The window that ended when this one opened."""
        return window_at(
            self.deadline, self.opens - timedelta(microseconds=1), self.period.calendar
        )


def window_at(deadline: Deadline, at: datetime, calendar: Calendar) -> Window:
    """The window that is open at an instant."""
    opens = _due(deadline, at, calendar, -1)
    due = _due(deadline, at, calendar, 1)
    grain = Grain(deadline.period)
    period = Period.containing(calendar.business_day(due), grain, calendar)
    return Window(deadline, opens, due, period)


def _due(deadline: Deadline, at: datetime, calendar: Calendar, step: int) -> datetime:
    """The last deadline until an instant (step -1), or the first one after it (step 1)."""
    day = calendar.business_day(at)
    while True:
        if _is_due_on(deadline, day):
            due = datetime.combine(day, deadline.time, tzinfo=calendar.zone)
            if (due <= at) == (step < 0):
                return due
        day += step * _DAY


def _is_due_on(deadline: Deadline, day: date) -> bool:
    if deadline.every == Every.WEEK:
        return day.weekday() == deadline.weekday
    is_last = (day + _DAY).day == 1
    return day.day == deadline.day or (is_last and day.day < deadline.day)


@dataclass(frozen=True)
class Duty:
    """What one person is to submit. `missed` is the deadline that passed without it."""

    window: Window
    is_done: bool
    missed: datetime | None = None

    def in_words(self, at: datetime) -> str:
        """How far off the deadline is: "due in 2 days", or for how long it is over."""
        calendar = self.window.period.calendar
        today = calendar.business_day(at)
        if self.missed is not None:
            late = (today - calendar.business_day(self.missed)).days
            words = ngettext("overdue for %(days)s day", "overdue for %(days)s days", late)
            return words % {"days": late} if late else _("overdue since today")
        left = (calendar.business_day(self.window.due) - today).days
        if left == 0:
            return _("due today at %(time)s") % {"time": f"{self.window.deadline.time:%H:%M}"}
        words = ngettext("due tomorrow", "due in %(days)s days", left)
        return words % {"days": left}


@dataclass(frozen=True)
class Asked:
    """A window, with the people it asks and those of them who have submitted."""

    window: Window
    people: Mapping[int, User]
    done: frozenset[int]
    late: frozenset[int] = frozenset()
    """Who had not submitted in the window before this one either, where it asked for the same."""

    @property
    def waiting(self) -> list[User]:
        """Those who have not submitted, by name."""
        return sorted((self.people[key] for key in self.people.keys() - self.done), key=str)


def asked_by(
    deadlines: Iterable[Deadline], members: Members, tree: Tree, at: datetime
) -> list[Asked]:
    """The windows open at an instant, with what was submitted in them; one statement."""
    calendar = Company.current().calendar
    return read([window_at(each, at, calendar) for each in deadlines], members, tree, at)


def read(windows: Collection[Window], members: Members, tree: Tree, at: datetime) -> list[Asked]:
    """Who submitted in some windows by an instant, in one statement."""
    if not windows:
        return []
    earlier = {id(window): window.before() for window in windows}
    since = min(window.opens for window in earlier.values())
    made = Submission.objects.filter(at__gt=since, at__lte=at)
    said = list(made.values_list("user", "start", "end", "at"))
    return [_asked(each, earlier[id(each)], _people(each, members, tree), said) for each in windows]


def _asked(
    window: Window,
    before: Window,
    people: Mapping[int, User],
    said: Collection[tuple[int, date, date, datetime]],
) -> Asked:
    period = (window.period.start, window.period.end)
    of_period = [(user, made) for user, *span, made in said if tuple(span) == period]
    done = frozenset(user for user, made in of_period if window.opens < made <= window.due)
    was_asked = before.period == window.period and before.due >= window.deadline.since
    earlier = {user for user, made in of_period if before.opens < made <= before.due}
    late = people.keys() - done - earlier if was_asked else ()
    return Asked(window, people, done, frozenset(late))


def _people(window: Window, members: Members, tree: Tree) -> dict[int, User]:
    deadline = window.deadline
    teams = None if deadline.team_id is None else tree.scope(tree.teams[deadline.team_id]).team_ids
    wanted = submits if deadline.asks_leads else sells_alone
    return {
        key: user
        for key, user in members.people.items()
        if user.is_active and (teams is None or members.homes[key] in teams) and wanted(user)
    }


def duties(members: Members, period: Period, tree: Tree, at: datetime) -> dict[int, Duty]:
    """What each person is to submit for a period by the next deadline, in two statements."""
    calendar = period.calendar
    windows = [window_at(each, at, calendar) for each in Deadline.objects.filter(is_active=True)]
    windows = [each for each in windows if each.period == period]
    found: dict[int, Duty] = {}
    for asked in sorted(read(windows, members, tree, at), key=lambda each: each.window.due):
        for user in asked.people:
            duty = Duty(asked.window, user in asked.done, _missed(asked, user))
            if user not in found or (found[user].is_done and not duty.is_done):
                found[user] = duty
    return found


def _missed(asked: Asked, user: int) -> datetime | None:
    return asked.window.opens if user in asked.late else None
