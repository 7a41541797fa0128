"""What people do with deals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, Membership, Team, User
from accounts.roles import Permission
from accounts.scope import visible_people
from pipeline.actions.changing import apply, changing, locked, save
from pipeline.actions.closed import given_reason
from pipeline.actions.criteria import note_skip
from pipeline.criteria import passed_by, takes_back
from pipeline.models import Deal, LostReason, Outcome, Stage

EDITABLE = frozenset(
    {
        "name",
        "customer",
        "amount",
        "currency",
        "probability",
        "category",
        "kind",
        "source",
        "expected_close",
        "first_contact_at",
        "next_step",
        "next_step_on",
        "external_id",
    }
)


def team_of(person: User, *, at: datetime) -> Team | None:
    """The team that a person's new work is credited to; None without a membership."""
    today = Company.current().calendar.business_day(at)
    membership = Membership.objects.running(today).filter(user=person).select_related("team")
    first = membership.order_by("start", "pk").first()
    return first.team if first else None


def create_deal(
    *, by: User, at: datetime, owner: User, stage: Stage, fields: Mapping[str, Any]
) -> Deal:
    """A new open deal, credited to its owner's team. ValidationError says which field is wrong."""
    if stage.outcome != Outcome.OPEN:
        raise ValidationError({"stage": _("A new deal starts in an open stage.")})
    check_owner(owner, by=by)
    with changing(by=by):
        deal = Deal(owner=owner, stage=stage, created_at=at, stage_since=at)
        deal.team = team_of(owner, at=at)
        deal.currency = Company.current().currency
        apply(deal, fields, editable=EDITABLE)
        return save(deal)


def edit_deal(*, deal: Deal, by: User, revision: int, changes: Mapping[str, Any]) -> Deal:
    """Change what is known about a deal. Stale if it changed since `revision`.

    ValidationError for taking the amount away from a won deal.
    """
    with changing(by=by):
        current = locked(deal, revision=revision)
        known = current.amount
        apply(current, changes, editable=EDITABLE)
        if current.outcome == Outcome.WON and known is not None:
            _check_amount(current)
        if "amount" in changes:
            current.amount_estimated = False
        return save(current)


def move_deal(
    *,
    deal: Deal,
    to: Stage,
    by: User,
    revision: int,
    at: datetime,
    lost_reason: str = "",
    amount: Decimal | None = None,
    reports: bool = False,
) -> Deal:
    """Put a deal into another stage of its process: on, back, won, lost or open again.

    ValidationError if the stage is of another process, a lost deal has no reason or another
    one has, or a won one no amount. CriteriaUnmet for a move past unticked must-haves without a
    reason (`closed.because`), unless it only `reports` what happened in another system. A category
    that the owner chose stays as it is.
    """
    with changing(by=by):
        current = locked(deal, revision=revision)
        if to.process_id != current.stage.process_id:
            raise ValidationError({"stage": _("This stage belongs to another sales process.")})
        if amount is not None:
            current.amount = amount
        unticked = [] if reports else passed_by(current, to, at=at)
        if unticked and takes_back(current, to, by, at=at):
            unticked = []
        _enter(current, to, at=at, lost_reason=lost_reason)
        note_skip(current, unticked, reason=given_reason(), by=by, at=at)
        return save(current)


def change_process(*, deal: Deal, to: Stage, by: User, revision: int, at: datetime) -> Deal:
    """Go on with an open deal in an open stage of another sales process.

    ValidationError for any other deal or stage. The exit criteria of neither process are asked for.
    """
    with changing(by=by):
        current = locked(deal, revision=revision)
        if to.process_id == current.stage.process_id:
            raise ValidationError({"stage": _("The deal is in this sales process already.")})
        if (current.outcome, to.outcome) != (Outcome.OPEN, Outcome.OPEN):
            raise ValidationError({"stage": _("Only open deals change it, to an open stage.")})
        _enter(current, to, at=at, lost_reason="")
        return save(current)


def _enter(deal: Deal, stage: Stage, *, at: datetime, lost_reason: str) -> None:
    if stage.pk != deal.stage_id:
        deal.stage_since = at
    if stage.outcome == Outcome.OPEN:
        deal.closed_at = None
    elif deal.outcome != stage.outcome:
        deal.closed_at = at
    if stage.outcome == Outcome.WON:
        _check_amount(deal)
        deal.amount_estimated = False
    deal.lost_reason = _checked_reason(deal, stage, lost_reason)
    deal.stage = stage
    deal.outcome = stage.outcome


def _check_amount(deal: Deal) -> None:
    if deal.amount is None:
        raise ValidationError({"amount": _("Enter the amount that was won.")})


def _checked_reason(deal: Deal, stage: Stage, given: str) -> str:
    if stage.outcome != Outcome.LOST:
        if given:
            raise ValidationError({"lost_reason": _("Only a lost deal has a reason.")})
        return ""
    reason = given or deal.lost_reason
    if reason not in LostReason.values:
        raise ValidationError({"lost_reason": _("Say why the deal was lost.")})
    return reason


def win_deal(
    *, deal: Deal, by: User, revision: int, at: datetime, amount: Decimal | None = None
) -> Deal:
    """Close a deal as won, at its amount or at `amount`."""
    stage = _closing_stage(deal, Outcome.WON)
    return move_deal(deal=deal, to=stage, by=by, revision=revision, at=at, amount=amount)


def lose_deal(*, deal: Deal, by: User, revision: int, at: datetime, reason: str) -> Deal:
    """Close a deal as lost, for a reason of LostReason."""
    stage = _closing_stage(deal, Outcome.LOST)
    return move_deal(deal=deal, to=stage, by=by, revision=revision, at=at, lost_reason=reason)


def _closing_stage(deal: Deal, outcome: Outcome) -> Stage:
    stage = Stage.objects.filter(process=deal.stage.process_id, outcome=outcome).first()
    if stage is None:
        raise ValidationError({"stage": _("This sales process has no stage to close in.")})
    return stage


def reopen_deal(*, deal: Deal, to: Stage, by: User, revision: int, at: datetime) -> Deal:
    """Take a closed deal up again in an open stage."""
    if to.outcome != Outcome.OPEN:
        raise ValidationError({"stage": _("Choose an open stage to take the deal up again.")})
    return move_deal(deal=deal, to=to, by=by, revision=revision, at=at)


def reassign_deal(*, deal: Deal, to: User, by: User, revision: int, at: datetime) -> Deal:
    """Give an open deal to another owner and their team; closed ones stay credited."""
    check_owner(to, by=by)
    with changing(by=by, needs=Permission.REASSIGN):
        current = locked(deal, revision=revision)
        if current.outcome != Outcome.OPEN:
            raise ValidationError(
                {"owner": _("A closed deal stays credited to the owner who closed it.")}
            )
        current.owner = to
        current.team = team_of(to, at=at)
        return save(current)


def check_owner(owner: User, *, by: User) -> None:
    """Raise ValidationError unless `owner` is somebody whose deals `by` may see."""
    if not visible_people(by).filter(pk=owner.pk, is_active=True).exists():
        raise ValidationError({"owner": _("Choose somebody whose deals you may see.")})
