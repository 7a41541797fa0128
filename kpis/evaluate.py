"""Answers questions about KPIs: many at once, from one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.roles import require
from accounts.scope import reach
from charts.numbers import Unit
from kpis.declarations import Kind, Parts, Result, State, ratio
from kpis.labels import label_rows
from kpis.plan import NO_SPLIT, WHOLE, Plan, Split, parts_of
from kpis.questions import GRAINS, Answer, BadQuestion, Comparison, Question, Row
from kpis.targets import Found, Targets, Wanted
from periods import Grain, Period
from pipeline.reading import Reading


def answer(questions: Sequence[Question], *, viewer: User, at: datetime) -> list[Answer]:
    """The answers, in the questions' order: one statement for facts, one for targets.

    A split by a dimension costs one more, for its labels. BadQuestion for one that has no
    answer; PermissionDenied for a KPI that the viewer may not see.
    """
    company = Company.current()
    for question in questions:
        check_rights(question.checked(), viewer)
    works = [_Work(question, at, company.currency).checked() for question in questions]
    plan = Plan(reach(viewer).tree)
    for work in works:
        work.ask(plan)
    plan.read()
    targets = Targets([work.wanted for work in works])
    return label_rows([work.assemble(plan, targets) for work in works], tree=plan.tree)


def check_rights(question: Question, viewer: User) -> None:
    """PermissionDenied for a KPI that the viewer may not see, or a target of such a one."""
    for kpi in (question.declared, question.measured):
        if kpi.needs is not None:
            require(viewer, kpi.needs)


def reading_of(question: Question, *, at: datetime, currency: str) -> Reading:
    """How the facts are read for a question that is asked at `at`."""
    return Reading(
        scope=question.scope,
        period=question.period,
        at=min(question.as_of, at) if question.as_of else at,
        currency=currency,
        filters=question.filters,
        closing=question.closing,
        as_of=question.as_of,
        known_at=question.known_at,
    )


def _known(value: Decimal | None) -> Decimal | None:
    return None if value is None or value.is_nan() else value


@dataclass
class _Work:
    """One question on its way to an answer."""

    question: Question
    at: datetime
    currency: str

    def __post_init__(self) -> None:
        question = self.question
        self.kpi = question.declared
        self.measures = question.declared_basis.measures
        self.reading = reading_of(question, at=self.at, currency=self.currency)
        self.present = self.reading.at
        self.wanted: Wanted = (
            self.kpi.target_of or question.measured.key,
            question.scope,
            question.period,
            question.filters,
        )
        self.compared = self._compared_reading()
        self.periods = question.period.split(Grain(question.by)) if self._by_time else ()

    def checked(self) -> _Work:
        """Itself. BadQuestion where the past cannot be split: lines are not kept with deals."""
        stock = not self._dated
        if self.question.by == "product" and stock and self.reading.instant < self.reading.at:
            raise BadQuestion("by", _("Figures of the past cannot be split by product."))
        return self

    @property
    def _by_time(self) -> bool:
        return self.question.by in GRAINS

    def _compared_reading(self) -> Reading | None:
        """The earlier period, like for like: its part that has as many working days."""
        if not self.question.compare:
            return None
        period = self.question.period
        other = period.previous() if self.question.compare == "previous" else period.year_ago()
        part = period.like_for_like(other, self.present)
        age = self.present - period.starts_at
        follow = other.starts_at + age if self.kpi.kind is Kind.COHORT else None
        return replace(self.reading, period=part, cutoff=follow)

    def ask(self, plan: Plan) -> None:
        """Add everything that the answer needs to the plan."""
        readings = [self.reading, *([self.compared] if self.compared else [])]
        for measure in self.measures.values():
            for reading in readings:
                plan.want(measure, reading)
            for reading, split in self._splits():
                plan.want(measure, reading, split)

    def _splits(self) -> list[tuple[Reading, Split]]:
        """The readings of the parts: one for all where rows carry the date or the dimension."""
        if self._by_time and self._dated:
            return [(self.reading, Split(periods=self.periods))]
        if self._by_time:
            begun = [period for period in self.periods if not period.is_future(self.present)]
            return [(replace(self.reading, period=period), NO_SPLIT) for period in begun]
        if self.question.by:
            by_line = self.question.by == "product"
            return [(replace(self.reading, by_line=by_line), Split(dimension=self.question.by))]
        return []

    @property
    def _dated(self) -> bool:
        return all(measure.of.dated_by for measure in self.measures.values())

    def assemble(self, plan: Plan, targets: Targets) -> Answer:
        """The answer from what was read."""
        target = targets.find(self.wanted)
        parts = parts_of(self.measures, plan, self.reading)
        result = self._result(parts, target)
        return Answer(
            question=self.question,
            kpi=self.kpi,
            basis=self.question.declared_basis if not self.kpi.of_other else self.kpi.basis(),
            at=self.present,
            result=result,
            target=target.value,
            target_is_sum=target.is_sum,
            comparison=self._comparison(plan, result, targets),
            rows=tuple(self._rows(plan, targets)),
            parts={name: _known(value) for name, value in parts.items()},
        )

    def _result(self, parts: Parts, target: Found) -> Result:
        if any(value is not None and value.is_nan() for value in parts.values()):
            return Result(None, State.NO_RATE)
        basis = self.question.declared_basis
        result = basis.compute({**parts, "target": target.value})
        return self._attained(result.value, target.value) if self.kpi.of_other else result

    def _attained(self, actual: Decimal | None, target: Decimal | None) -> Result:
        if target is None:
            return Result(None, State.NO_TARGET, actual)
        up = self.question.measured.up_is_good
        top, bottom = (actual, target) if up else (target, actual)
        return ratio({"numerator": top, "denominator": bottom})

    def _comparison(self, plan: Plan, result: Result, targets: Targets) -> Comparison | None:
        if self.compared is None:
            return None
        kpi, scope, period, filters = self.wanted
        other = period.previous() if self.question.compare == "previous" else period.year_ago()
        before = self._result(
            parts_of(self.measures, plan, self.compared),
            targets.find((kpi, scope, other, filters)),
        ).value
        is_rate = self.kpi.unit is Unit.PERCENT
        return Comparison(
            kind=self.question.compare,
            period=self.compared.period,
            value=before,
            change=_change(result.value, before, in_points=is_rate),
            change_unit=Unit.POINTS if is_rate else Unit.PERCENT,
            like_for_like=self.question.period.is_running(self.present),
        )

    def _rows(self, plan: Plan, targets: Targets) -> list[Row]:
        if self._by_time:
            return [self._period_row(plan, targets, place) for place in enumerate(self.periods)]
        if not self.question.by:
            return []
        ((reading, split),) = self._splits()
        keys: set[str] = set()
        for measure in self.measures.values():
            keys |= plan.keys(measure, reading, split)
        nothing = Found(None)
        return [
            Row(key, key, self._result(parts_of(self.measures, plan, reading, split, key), nothing))
            for key in sorted(keys)
        ]

    def _period_row(self, plan: Plan, targets: Targets, place: tuple[int, Period]) -> Row:
        position, period = place
        kpi, scope, _period, filters = self.wanted
        if period.is_future(self.present):
            result = Result(None, State.EMPTY)
        else:
            if self._dated:
                reading, split, key = (
                    self.reading,
                    Split(periods=self.periods),
                    str(position + 1),
                )
            else:
                reading, split, key = replace(self.reading, period=period), NO_SPLIT, WHOLE
            parts = parts_of(self.measures, plan, reading, split, key)
            result = self._result(parts, targets.find((kpi, scope, period, filters)))
        return Row(period.code, period.code, result, position, period)


def _change(now: Decimal | None, before: Decimal | None, *, in_points: bool) -> Decimal | None:
    """As a fraction of a base above zero, or in points of a rate."""
    if now is None or before is None:
        return None
    if in_points:
        return now - before
    return (now - before) / before if before > 0 else None
