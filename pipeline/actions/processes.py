"""What is done to sales processes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from pipeline.actions.changing import announce
from pipeline.eight_steps import make_eight_steps
from pipeline.learning import Learned, learned_probabilities
from pipeline.models import SalesProcess, Stage


def start_with_eight_steps(*, name: str) -> None:
    """Make the default process of a company that has none; nothing where it has one already."""
    with transaction.atomic():
        if not SalesProcess.objects.exists():
            make_eight_steps(slug="eight-steps", name=name, is_default=True)
            transaction.on_commit(announce)


def set_probabilities(*, process: SalesProcess, at: datetime) -> int:
    """Put the probabilities in force that the process chose; answers how many stages changed.

    Learned ones where it learns and a stage has any, else those set by hand. The versions of the
    stages date them, in the name of whoever `recorded_by` says.
    """
    with transaction.atomic():
        learned = learned_probabilities(process, at=at) if process.learns else {}
        stages = Stage.objects.open().filter(process=process).select_for_update()
        changed = sum(_put(stage, learned, learns=process.learns) for stage in stages)
        if changed:
            transaction.on_commit(announce)
    return changed


def _put(stage: Stage, learned: dict[int, Learned], *, learns: bool) -> bool:
    by_hand = stage.probability if stage.by_hand is None else stage.by_hand
    found = learned.get(stage.pk)
    probability = found.share if found else by_hand
    kept = by_hand if learns else None
    if (stage.probability, stage.by_hand) == (probability, kept):
        return False
    stage.probability, stage.by_hand = probability, kept
    stage.save(update_fields=["probability", "by_hand"])
    return True
