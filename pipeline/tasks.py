"""What the workers do for the pipeline."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from pipeline.actions.changing import announce
from pipeline.actions.processes import set_probabilities
from pipeline.journeys import tell_again
from pipeline.models import Deal, SalesProcess, Touched

log = structlog.stdlib.get_logger(__name__)


@shared_task(name="pipeline.learn_probabilities")
def learn_probabilities() -> None:
    """Refresh the probabilities of the sales processes that learn them."""
    for process in SalesProcess.objects.filter(learns=True):
        changed = set_probabilities(process=process, at=timezone.now())
        log.info("probabilities learned", process=process.slug, stages=changed)


@shared_task(name="pipeline.tell_journeys_again")
def tell_journeys_again() -> None:
    """Have what deals went through told anew: what differs was changed past the triggers."""
    if differed := sum(tell_again()):
        log.warning("journeys differed", rows=differed)
        Touched.objects.create(fact=str(Deal._meta.model_name), instants=[])
        announce()
