"""Computes all stored values anew, in steps that any number of workers take.

A step is taken and done in one transaction: where its worker dies, it is there to be taken again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from kpis.live import Change, publish
from kpis.models import Recomputation, RecomputationStep, State, Unit
from kpis.storage.keeping import fill_spans, kept_spans, together
from kpis.storage.locking import join_writers
from kpis.storage.units import StoredSpan

FACT = "recomputation"
"""What pages that follow the progress are told has changed."""

log = structlog.stdlib.get_logger(__name__)


def steps_of(recomputation: Recomputation, *, at: datetime) -> Iterator[RecomputationStep]:
    """What there is to do, latest first, each step some months or weeks."""
    for spans in together(kept_spans(at=at, since=recomputation.since)):
        starts = [span.start for span in spans]
        unit = spans[0].unit
        yield RecomputationStep(
            recomputation=recomputation, unit=unit, starts=starts, size=len(starts)
        )


def take_step(*, at: datetime) -> bool:
    """Do a step that nobody else is at; False where none is left, or nothing is under way."""
    with transaction.atomic():
        # Before the step is chosen, so that whoever begins anew waits for those under way.
        join_writers()
        step = _next_step()
        if step is not None:
            _do(step, at)
    if _finish(at) or step is not None:
        tell_pages()
    return step is not None


def tell_pages() -> None:
    """Have the pages that show the progress show it anew; call it after the commit."""
    publish([Change(FACT, everyone=True)])


def _next_step() -> RecomputationStep | None:
    steps = RecomputationStep.objects.select_for_update(skip_locked=True, of=("self",))
    waiting = steps.filter(recomputation__state=State.RUNNING, done_at=None)
    return waiting.select_related("recomputation").order_by("pk").first()


def _do(step: RecomputationStep, at: datetime) -> None:
    spans = [StoredSpan(Unit(step.unit), start) for start in step.starts]
    step.differed = fill_spans(spans, at=at)
    step.done_at = at
    step.save()
    if step.differed:
        log.warning("stored values differed", spans=str(step), rows=step.differed)


def _finish(at: datetime) -> bool:
    """After the commit, so that of several who do the last steps one sees them all done."""
    left = RecomputationStep.objects.filter(recomputation=OuterRef("pk"), done_at=None)
    running = Recomputation.objects.filter(~Exists(left), state=State.RUNNING)
    return bool(running.update(state=State.FINISHED, ended_at=at))
