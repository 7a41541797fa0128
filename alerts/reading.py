"""The present values of many rules, each read with its owner's rights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from accounts.models import Company, User
from accounts.roles import allowed
from accounts.scope import BadScope, OutsideScope, Scope, resolve
from alerts.models import AlertRule, Condition, Watch
from kpis.declarations import State
from kpis.evaluate import answer
from kpis.questions import Answer, BadQuestion, Question
from periods import Calendar

BATCH = 100
"""Questions of one statement; more would make it long to plan."""
PLACES = 10
"""As many decimals as are stored; a rate may have no end of them."""


@dataclass(frozen=True)
class Figure:
    """A condition's present value, why there is none, and the code of the period measured."""

    value: Decimal | None
    measured: str
    period: str = ""

    @property
    def is_met(self) -> bool:
        """Whether there is no value because the target is reached."""
        return self.measured == State.MET


def read_rules(rules: Iterable[AlertRule], *, at: datetime) -> Iterator[tuple[AlertRule, Figure]]:
    """Each rule with its figure: one statement for up to BATCH rules of one owner."""
    calendar = Company.current().calendar
    by_owner: dict[User, list[AlertRule]] = defaultdict(list)
    for rule in rules:
        by_owner[rule.owner].append(rule)
    for owner, theirs in by_owner.items():
        for start in range(0, len(theirs), BATCH):
            batch = theirs[start : start + BATCH]
            yield from zip(batch, read(batch, viewer=owner, calendar=calendar, at=at), strict=True)


def read(
    conditions: Sequence[Condition], *, viewer: User, calendar: Calendar, at: datetime
) -> list[Figure]:
    """The figures in the conditions' order, none where the viewer may not open it."""
    asker = Asker(viewer, calendar, at)
    asked = [asker.ask(condition) for condition in conditions]
    questions = [found for found in asked if isinstance(found, Question)]
    answers = iter(answer(questions, viewer=viewer, at=at) if questions else [])
    return [
        _figure(next(answers)) if isinstance(found, Question) else Figure(None, found)
        for found in asked
    ]


def _figure(given: Answer) -> Figure:
    value = None if given.value is None else round(given.value, PLACES)
    return Figure(value, given.state, given.question.period.code)


@dataclass
class Asker:
    """Puts conditions as questions of one person; each scope is looked up once."""

    viewer: User
    calendar: Calendar
    at: datetime
    _scopes: dict[str, Scope] = field(default_factory=dict)

    def ask(self, condition: Condition) -> Question | str:
        """The question that a condition puts, or why the person may not put it."""
        declared = condition.declared
        hidden = declared and declared.needs and not allowed(self.viewer, declared.needs)
        if hidden or not self.viewer.is_active:
            return Watch.REFUSED
        try:
            scope = self._scope(condition.scope_code)
            period = self.calendar.parse(condition.period, at=self.at)
            return Question(condition.kpi, scope, period, condition.basis).checked()
        except OutsideScope:
            return Watch.REFUSED
        except (BadScope, BadQuestion):
            return Watch.UNREADABLE

    def _scope(self, code: str) -> Scope:
        if code not in self._scopes:
            self._scopes[code] = resolve(code, self.viewer)
        return self._scopes[code]
