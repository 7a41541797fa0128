"""What people do with forecasts: submit their own, adjust those of their members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, Team, User
from accounts.roles import Permission, require
from accounts.scope import COMPANY, Scope, ScopeKind, Tree, reach
from forecasting.calls import Called
from forecasting.forecasts import Forecast, forecast
from forecasting.models import Adjustment, Column, Submission
from forecasting.rights import is_called, may_adjust
from forecasting.rollup import Amounts, Node
from periods import Period
from pipeline.actions.changing import changing
from pipeline.actions.deals import team_of
from pipeline.reading import Reading


class Overtaken(Exception):
    """Somebody else adjusted the cell meanwhile; `current` is the last adjustment of it."""

    def __init__(self, current: Adjustment) -> None:
        super().__init__(str(_("Somebody else adjusted this meanwhile.")))
        self.current = current


@dataclass(frozen=True)
class Cell:
    """A member of a team (None: of the company) whose figure its lead may replace."""

    team: Team | None
    user: User | None = None
    child: Team | None = None


@dataclass(frozen=True)
class Change:
    """Another figure for a column; None takes the adjustment back.

    `number` is how often the cell had been adjusted when its author read it.
    """

    value: Decimal | None
    number: int


def submit(
    *, by: User, period: Period, commit: Decimal, best_case: Decimal, note: str = "", at: datetime
) -> Submission:
    """A person's own forecast of a period, closed deals included.

    ValidationError unless best case ≥ commit ≥ closed, or where the period is over.
    """
    with changing(by=by):
        _check_period(period, at)
        team = team_of(by, at=at)
        scope = Scope(ScopeKind.USER, by.pk)
        found = forecast(_reading(scope, period, at), reach(by).tree)
        amounts = found.forest.person(team.pk if team else None, by.pk).amounts
        _check_known(amounts)
        _check_order(amounts.closed, commit, best_case)
        return _written(
            Submission(
                user=by,
                team=team,
                start=period.start,
                end=period.end,
                at=at,
                commit=commit,
                best_case=best_case,
                note=note.strip(),
                base_closed=rounded(amounts.closed),
                base_commit=rounded(amounts.commit_forecast),
                base_best_case=rounded(amounts.best_case_forecast),
            )
        )


def adjust(
    *,
    by: User,
    cell: Cell,
    period: Period,
    changes: Mapping[Column, Change],
    reason: str,
    at: datetime,
) -> list[Adjustment]:
    """Replace a member's figures in a team's forecast, or take that back.

    PermissionDenied unless `by` leads the team or is above, and for one's own figures. Overtaken
    if somebody else was faster. ValidationError unless best case ≥ commit ≥ closed.
    """
    team, user = cell.team.pk if cell.team else None, cell.user.pk if cell.user else None
    require(by, Permission.ADJUST_FORECAST)
    if not may_adjust(by, team, user):
        raise PermissionDenied(_("You may adjust the figures of those you lead, not your own."))
    with changing(by=by, needs=Permission.ADJUST_FORECAST):
        _check_period(period, at)
        tree = reach(by).tree
        found = forecast(_reading(_scope(cell, tree), period, at), tree, everybody=True)
        node = _member(found, cell)
        _check_known(node.amounts)
        called = found.calls.of(node)
        _check_numbers(called, changes)
        _check_changes(called, node.amounts, changes)
        new = (
            Adjustment(
                team=cell.team,
                user=cell.user,
                child=cell.child,
                start=period.start,
                end=period.end,
                at=at,
                column=column,
                number=change.number + 1,
                value=change.value,
                base=rounded(called.of(column).base),
                reason=reason.strip(),
                author=by,
            )
            for column, change in changes.items()
        )
        return [_next(each) for each in new]


def rounded(amount: Decimal) -> Decimal:
    """As figures are kept: to the hundredth."""
    return round(amount, 2)


def _reading(scope: Scope, period: Period, at: datetime) -> Reading:
    return Reading(scope, period, at, Company.current().currency)


def _scope(cell: Cell, tree: Tree) -> Scope:
    return tree.scope(tree.teams[cell.team.pk]) if cell.team else COMPANY


def _member(found: Forecast, cell: Cell) -> Node:
    """The node of a direct member. ValidationError for anybody else."""
    members = found.forest.root.members
    person, child = cell.user.pk if cell.user else None, cell.child.pk if cell.child else None
    for node in members:
        is_it = node.user == person if person else node.user is None and node.team == child
        if is_it and not node.is_past and _belongs(found, node):
            return node
    raise ValidationError(_("This is no direct member of the team."))


def _belongs(found: Forecast, node: Node) -> bool:
    return node.user is None or found.members.belongs(node.user, node.team)


def _check_period(period: Period, at: datetime) -> None:
    if not is_called(period, at):
        raise ValidationError(
            {"period": _("Choose a month, quarter, half or year that is not over.")}
        )


def _check_known(amounts: Amounts) -> None:
    if amounts.best_case_forecast.is_nan():
        raise ValidationError(_("An exchange rate is missing, so the figures are not known."))


def _check_order(closed: Decimal, commit: Decimal, best_case: Decimal) -> None:
    """Best case ≥ commit ≥ closed: both include what is closed."""
    wrong: dict[str, Any] = {}
    if commit < rounded(closed):
        low = {"closed": f"{rounded(closed).normalize():,f}"}
        wrong["commit"] = _("At least what is closed already: %(closed)s.") % low
    if best_case < commit:
        wrong["best_case"] = _("At least the commit forecast, which it includes.")
    if wrong:
        raise ValidationError(wrong)


def _check_numbers(called: Called, changes: Mapping[Column, Change]) -> None:
    for column, change in changes.items():
        last = called.of(column).adjustment
        if last is not None and last.number != change.number:
            raise Overtaken(last)
        if last is None and change.number:
            raise ValidationError({"number": _("Name how often you saw this adjusted.")})
        if change.value is None and called.of(column).adjusted is None:
            raise ValidationError({column.value: _("There is no adjustment to take back.")})


def _check_changes(called: Called, amounts: Amounts, changes: Mapping[Column, Change]) -> None:
    """The order of the figures as they will be; taking back is always allowed."""
    if all(change.value is None for change in changes.values()):
        return
    values = []
    for column in Column:
        figure, change = called.of(column), changes.get(column)
        after = figure.value if change is None else change.value
        values.append(figure.base if after is None else after)
    _check_order(amounts.closed, *values)


def _written(submission: Submission) -> Submission:
    submission.full_clean(validate_constraints=False)
    submission.save()
    return submission


def _next(adjustment: Adjustment) -> Adjustment:
    """The next of its cell; Overtaken where another one was."""
    adjustment.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            adjustment.save()
    except IntegrityError:
        raise Overtaken(last_of(adjustment)) from None
    return adjustment


def last_of(adjustment: Adjustment) -> Adjustment:
    """The last adjustment of the same cell."""
    same = ("start", "end", "team", "user", "child", "column")
    rows = Adjustment.objects.filter(**{name: getattr(adjustment, name) for name in same})
    found: Adjustment = rows.order_by("-number")[0]
    return found
