"""Beginning to compute all stored values anew, stopping that, and going on with it."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Company, User
from accounts.roles import Permission, require
from kpis.models import Recomputation, RecomputationStep, State
from kpis.storage.locking import hold_writers
from kpis.storage.recomputing import steps_of, tell_pages
from kpis.storage.remembering import forget_all

KEPT = 50
"""So many of the last ones are told of."""


@transaction.atomic
def start_recomputation(
    *, by: User | None, at: datetime, since: date | None = None
) -> Recomputation:
    """Have everything computed anew, or the months and weeks from `since` on.

    `by` None is the schedule or the command line. ValidationError while another one runs, or if
    `since` is yet to come. The steps are done by whoever calls `take_step`.
    """
    _check(by)
    if since is not None and since > Company.current().calendar.business_day(at):
        raise ValidationError({"since": _("Choose a day that is not in the future.")})
    hold_writers()
    if Recomputation.objects.filter(state=State.RUNNING).exists():
        raise ValidationError(_("A recomputation is under way already."))
    forget_all()
    begun = Recomputation.objects.create(since=since, started_at=at, started_by=by)
    RecomputationStep.objects.bulk_create(steps_of(begun, at=at))
    _forget_old_ones()
    transaction.on_commit(tell_pages)
    return begun


@transaction.atomic
def stop_recomputation(*, by: User | None, at: datetime, problem: str = "") -> None:
    """Take no more steps; those under way are ended. Does nothing where none is under way.

    `problem` says why it stops by itself.
    """
    _check(by)
    running = Recomputation.objects.filter(state=State.RUNNING)
    running.update(state=State.STOPPED, ended_at=at, stopped_by=by, problem=problem)
    transaction.on_commit(tell_pages)


@transaction.atomic
def resume_recomputation(*, by: User | None) -> Recomputation:
    """Go on with the last one, stopped or under way. ValidationError where it has finished."""
    _check(by)
    hold_writers()
    last = Recomputation.objects.order_by("-pk").first()
    if last is None or last.state == State.FINISHED:
        raise ValidationError(_("There is no recomputation to go on with."))
    last.state, last.ended_at, last.stopped_by, last.problem = State.RUNNING, None, None, ""
    last.save()
    transaction.on_commit(tell_pages)
    return last


def _check(by: User | None) -> None:
    if by is not None:
        require(by, Permission.EDIT_SETTINGS)


def _forget_old_ones() -> None:
    kept = Recomputation.objects.order_by("-pk").values_list("pk", flat=True)[:KEPT]
    Recomputation.objects.exclude(pk__in=list(kept)).delete()
