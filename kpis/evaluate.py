"""Answers questions about KPIs: many at once, from one statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from accounts.models import Company, User
from accounts.scope import Scope, ScopeKind, Tree, reach
from charts.numbers import Unit
from kpis.asking import Moment, check_rights, moment_of, reading_of
from kpis.closing import Closings, closing_reading
from kpis.comparing import change_between
from kpis.crossing import Crossing
from kpis.declarations import Kind, Parts, Result, State
from kpis.labels import label_rows
from kpis.pace import Expected, attained
from kpis.plan import ByKey, Plan, parts_of
from kpis.questions import GRAINS, Answer, Comparison, Question, Restated, Row
from kpis.rates import MissingRate, missing_rate
from kpis.selects import NO_SPLIT, Split
from kpis.targets import NOTHING_HELD, Held, Targets, Wanted
from periods import Period
from pipeline.models import Target
from pipeline.reading import Reading


def answer(questions: Sequence[Question], *, viewer: User, at: datetime) -> list[Answer]:
    """The answers, in the questions' order: one statement for facts, one for targets.

    A split by a dimension costs one more, for its labels, and so does a missing exchange rate,
    for its name. BadQuestion for one that has no
    answer; PermissionDenied for a KPI that the viewer may not see.
    """
    company = Company.current()
    for question in questions:
        check_rights(question.checked(), viewer)
    closings, tree = Closings(), reach(viewer).tree
    works = [_Work(question, tree, at, company.currency, closings) for question in questions]
    plan = Plan(tree)
    for work in works:
        work.ask(plan)
    plan.read()
    targets = _targets(works, plan)
    found = [work.assemble(plan, targets) for work in works]
    return label_rows(found, tree=plan.tree)


def _targets(works: Sequence[_Work], plan: Plan) -> dict[Moment, Targets]:
    """The targets as they stood: one statement for each instant that is asked about."""
    wanted: dict[Moment, list[Wanted]] = {}
    for work in works:
        wanted.setdefault(work.moment, []).extend(work.wanted(plan))
        if work.at_close is not None and work.needs_target:
            wanted.setdefault(moment_of(work.at_close), []).extend(work.wanted_at_close())
    return {moment: Targets(each, *moment) for moment, each in wanted.items()}


def _known(value: Decimal | None) -> Decimal | None:
    return None if value is None or value.is_nan() else value


@dataclass
class _Work:
    """One question on its way to an answer."""

    question: Question
    tree: Tree
    at: datetime
    currency: str
    closings: Closings

    def __post_init__(self) -> None:
        question = self.question
        self.kpi = question.declared
        self.basis = question.declared_basis
        self.measures, self.needed = self.basis.measures, self.basis.needed
        self.reading = reading_of(question, tree=self.tree, at=self.at, currency=self.currency)
        self.present = self.reading.at
        self.at_close = self._close()
        self.earlier = self._earlier_period()
        self.compared = self._compared_reading(self.earlier) if self.earlier else None
        self.periods = question.periods
        self.expected = self._expected()

    def _close(self) -> Reading | None:
        """How it was read when its period closed; None where nothing was recorded by then."""
        close = closing_reading(self.question, self.reading, self.closings)
        if close is None:
            return None
        fact = self.question.declared_basis.numerator.of.fact
        facts = (fact, Target) if self.needs_target else (fact,)
        return close if all(self.closings.knew(each, close.at) for each in facts) else None

    @property
    def moment(self) -> Moment:
        return moment_of(self.reading)

    @property
    def _by_time(self) -> bool:
        return self.question.by in GRAINS

    def _earlier_period(self) -> Period | None:
        period = self.question.period
        if not self.question.compare:
            return None
        return period.previous() if self.question.compare == "previous" else period.year_ago()

    def _compared_reading(self, earlier: Period) -> Reading:
        """The earlier period like for like: as many working days of it, at the same age."""
        period = self.question.period
        part = period.like_for_like(earlier, self.present)
        if self.question.measured.kind is Kind.STOCK and period.is_running(self.present):
            then = replace(self.reading, period=earlier, at=part.ends_at)
            return replace(then, standing=part.last_instant)
        if not self.question.declared_basis.is_followed:
            return replace(self.reading, period=part)
        age = self.present - period.starts_at
        return replace(self.reading, period=part, cutoff=max(earlier.starts_at + age, part.ends_at))

    def ask(self, plan: Plan) -> None:
        """Add everything that the answer needs to the plan."""
        for measure in self.measures.values():
            plan.want(measure, self.reading)
        for measure in self.needed.values():
            if self.compared:
                plan.want(measure, self.compared)
            for reading, split in (*self._splits(), *self._earlier_splits(), *self._crossed()):
                plan.want(measure, reading, split)
        if self.at_close is not None:
            for measure in self.needed.values():
                plan.want(measure, self.at_close)
        if self.expected:
            self.expected.ask(plan, (self.question.period, *self.periods))

    def _expected(self) -> Expected | None:
        by = self.question.own_basis.expected
        measured = self.question.declared_basis.numerator
        return Expected(by, measured, self.reading) if by else None

    def _earlier_splits(self) -> list[tuple[Reading, Split]]:
        """The same parts of the earlier period."""
        return [self._parted(self.compared)] if self.compared and self._by_dimension else []

    def _splits(self) -> list[tuple[Reading, Split]]:
        """The readings of the parts: one for all where rows carry the date or the dimension."""
        if self._by_time:
            return self._over_time()
        return [self._parted(self.reading)] if self._by_dimension else []

    def _over_time(self) -> list[tuple[Reading, Split]]:
        if self._dated:
            return [(self.reading, Split(periods=self.periods))]
        begun = [period for period in self.periods if not period.is_future(self.present)]
        return [(replace(self.reading, period=period), NO_SPLIT) for period in begun]

    def _crossed(self) -> list[tuple[Reading, Split]]:
        """The parts of a dimension over time, and all of them together."""
        return [*self._over_time(), *self._crossing.readings] if self.question.grain else []

    @cached_property
    def _crossing(self) -> Crossing:
        reading, split = self._parted(self.reading)
        return Crossing(reading, split.dimension, self.periods, self._dated)

    def _parted(self, reading: Reading) -> tuple[Reading, Split]:
        by_line = self.question.by == "product"
        return replace(reading, by_line=by_line), Split(dimension=self.question.by)

    @property
    def _by_dimension(self) -> bool:
        return bool(self.question.by) and not self._by_time

    @property
    def _dated(self) -> bool:
        return all(measure.of.dated_by for measure in self.needed.values())

    def wanted(self, plan: Plan) -> Iterator[Wanted]:
        """The targets that the answer may be held against."""
        whose, period = self.question.scope, self.question.period
        held = [(whose, period), *([(whose, self.earlier)] if self.earlier else [])]
        keys = self._keys(plan) if self.needs_target else ()
        periods = [period, *([self.earlier] if self.earlier else [])]
        whose_parts = [scope for key in keys if (scope := self._scope_of(key))]
        held.extend((scope, each) for scope in whose_parts for each in periods)
        for kpi in self._target_keys:
            yield from (self._target_of(kpi, *each) for each in held)

    def wanted_at_close(self) -> Iterator[Wanted]:
        """Those that what the figure was at its close is held against."""
        for kpi in self._target_keys:
            yield self._target_of(kpi, self.question.scope, self.question.period)

    @property
    def _target_keys(self) -> set[str]:
        measured = self.question.measured
        return {measured.key, measured.target_of} - {""}

    def _target_of(self, kpi: str, scope: Scope, period: Period) -> Wanted:
        return kpi, scope, period, self.question.filters

    @property
    def needs_target(self) -> bool:
        """Whether the figure is made of its target."""
        return self.kpi.of_other or bool(self.kpi.target_of)

    def _scope_of(self, key: str) -> Scope | None:
        """Whose target a row is held against: that of a person, or of a team below the scope."""
        whose = self.question.scope
        if self.question.by == "rep" and key:
            return Scope(ScopeKind.USER, int(key))
        is_own = whose.kind is ScopeKind.USER or key == str(whose.id)
        if self.question.by == "team" and key and not is_own:
            return Scope(ScopeKind.TEAM, int(key))
        return None

    def assemble(self, plan: Plan, found: Mapping[Moment, Targets]) -> Answer:
        """The answer from what was read, and from the targets as they stood at each instant."""
        targets = found[self.moment]
        held = self._held(targets, self.question.scope, self.question.period)
        target = held.goal if self.kpi.of_other else held.part
        parts = parts_of(self.measures, plan, self.reading)
        expected = self._share(plan, self.question.period)
        result = self._result(parts, held, expected)
        return Answer(
            question=self.question,
            kpi=self.kpi,
            restated=self._restated(plan, found, result),
            basis=self.question.own_basis,
            at=self.present,
            result=result,
            target=target.value,
            target_is_sum=target.is_sum,
            comparison=self._comparison(plan, result, targets),
            rows=tuple(self._rows(plan, targets)),
            over_time=tuple(self._of_time(plan, targets)) if self.question.grain else (),
            parts={name: _known(value) for name, value in parts.items()},
            missing_rate=self._missing_rate(result),
            expected=_known(expected),
        )

    def _restated(
        self, plan: Plan, found: Mapping[Moment, Targets], result: Result
    ) -> Restated | None:
        """What the figure was when the period closed, if it differs and was recorded by then."""
        close, period = self.at_close, self.question.period
        if close is None:
            return None
        held = NOTHING_HELD
        if self.needs_target:
            held = self._held(found[moment_of(close)], self.question.scope, period)
        parts = parts_of(self.needed, plan, close)
        then = self._result(parts, held, self._share(plan, period))
        if then.value == result.value:
            return None
        by_hand = close.at != period.ends_at
        return Restated(then, close.at, by_hand, held.goal.value)

    def _missing_rate(self, result: Result) -> MissingRate | None:
        lacking = result.state is State.NO_RATE
        return missing_rate(self.measures.values(), self.reading) if lacking else None

    def _held(self, targets: Targets, scope: Scope | None, period: Period) -> Held:
        if scope is None:
            return NOTHING_HELD
        measured = self.question.measured
        goal = targets.find(self._target_of(measured.key, scope, period))
        if not measured.target_of:
            return Held(goal, goal)
        return Held(goal, targets.find(self._target_of(measured.target_of, scope, period)))

    def _share(self, plan: Plan, period: Period) -> Decimal | None:
        """What share of its target a period is expected to have reached, if that matters."""
        return self.expected.share(plan, period) if self.expected else None

    def _result(self, parts: Parts, held: Held, expected: Decimal | None) -> Result:
        needed = {**{name: parts[name] for name in self.needed}, "expected": expected}
        if any(value is not None and value.is_nan() for value in needed.values()):
            return Result(None, State.NO_RATE)
        result = self.basis.compute({**needed, "target": held.part.value})
        if not self.kpi.of_other:
            return result
        return self._attained(result.value, held.goal.value, expected)

    def _attained(
        self, actual: Decimal | None, target: Decimal | None, expected: Decimal | None
    ) -> Result:
        if target is None:
            return Result(None, State.NO_TARGET, actual)
        reached = attained(actual, target, up_is_good=self.question.measured.up_is_good)
        if self.expected is None or reached.value is None:
            return reached
        # A limit is kept or not when the period is over; before, target ÷ actual says nothing.
        too_early = not self.question.measured.up_is_good and expected != 1
        if expected is None or too_early:
            return replace(reached, value=None, state=State.EMPTY)
        return replace(reached, value=reached.value - expected)

    def _comparison(self, plan: Plan, result: Result, targets: Targets) -> Comparison | None:
        if self.earlier is None or self.compared is None:
            return None
        before = self._result(
            parts_of(self.needed, plan, self.compared),
            self._held(targets, self.question.scope, self.earlier),
            self._share(plan, self.question.period),
        ).value
        return self._compare(self.question.period, self.earlier, result.value, before)

    def _compare(
        self, period: Period, earlier: Period, now: Decimal | None, before: Decimal | None
    ) -> Comparison:
        is_rate = self.kpi.unit in (Unit.PERCENT, Unit.POINTS)
        return Comparison(
            kind=self.question.compare,
            period=period.like_for_like(earlier, self.present),
            value=before,
            change=change_between(now, before, in_points=is_rate),
            change_unit=Unit.POINTS if is_rate else Unit.PERCENT,
            like_for_like=period.is_running(self.present),
        )

    def _rows(self, plan: Plan, targets: Targets) -> Iterator[Row]:
        if self._by_time:
            yield from self._of_time(plan, targets)
        elif self._by_dimension:
            yield from self._of_dimension(plan, targets)

    def _of_dimension(self, plan: Plan, targets: Targets) -> Iterator[Row]:
        (part,), period = self._splits(), self.question.period
        parts, earlier = ByKey(self.needed, plan, *part), self._earlier_parts(plan)
        for key in sorted(self._keys(plan)):
            result = self._result_of_key(plan, targets, key, parts, period)
            compared = self._compared_key(plan, targets, key, result, earlier)
            cells = tuple(self._cells(plan, targets, key)) if self.question.grain else ()
            yield Row(key, key, result, comparison=compared, cells=cells)

    def _earlier_parts(self, plan: Plan) -> ByKey | None:
        splits = self._earlier_splits()
        return ByKey(self.needed, plan, *splits[0]) if splits else None

    def _of_time(self, plan: Plan, targets: Targets) -> Iterator[Row]:
        for position, period in enumerate(self.periods):
            result = self._result_of_period(plan, targets, position, period)
            yield Row(period.code, period.code, result, position, period)

    def _cells(self, plan: Plan, targets: Targets, key: str) -> Iterator[Row]:
        """One part of a dimension over time."""
        whose = self._scope_of(key) if self.needs_target else None
        for position, period in enumerate(self.periods):
            result = Result(None, State.EMPTY)
            if not period.is_future(self.present):
                parts = parts_of(self.needed, plan, *self._crossing.place(position, key))
                held = self._held(targets, whose, period)
                result = self._result(parts, held, self._share(plan, period))
            yield Row(period.code, period.code, result, position, period)

    def _keys(self, plan: Plan) -> set[str]:
        """The parts of a split by a dimension."""
        if not self._by_dimension:
            return set()
        splits = [*self._splits(), *self._earlier_splits()]
        needed = self.needed.values()
        found = [plan.keys(measure, *each) for measure in needed for each in splits]
        if self.question.grain:
            found += [self._crossing.keys(plan, measure) for measure in needed]
        return set[str]().union(*found)

    def _compared_key(
        self, plan: Plan, targets: Targets, key: str, result: Result, parts: ByKey | None
    ) -> Comparison | None:
        earlier = self.earlier
        if earlier is None or parts is None:
            return None
        before = self._result_of_key(plan, targets, key, parts, earlier).value
        return self._compare(self.question.period, earlier, result.value, before)

    def _result_of_key(
        self, plan: Plan, targets: Targets, key: str, parts: ByKey, period: Period
    ) -> Result:
        """That of one part of a split; `period` is the one whose target it is held against."""
        scope = self._scope_of(key) if self.needs_target else None
        held = self._held(targets, scope, period)
        return self._result(parts.of(key), held, self._share(plan, self.question.period))

    def _result_of_period(
        self, plan: Plan, targets: Targets, position: int, period: Period
    ) -> Result:
        if period.is_future(self.present):
            return Result(None, State.EMPTY)
        if self._dated:
            split, key = Split(periods=self.periods), str(position + 1)
            parts = parts_of(self.needed, plan, self.reading, split, key)
        else:
            parts = parts_of(self.needed, plan, replace(self.reading, period=period))
        held = self._held(targets, self.question.scope, period)
        return self._result(parts, held, self._share(plan, period))
