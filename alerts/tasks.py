"""What the work queue does for alerts."""

from celery import shared_task
from django.utils import timezone

from alerts.deliver import deliver
from alerts.detect import evaluate


@shared_task(name="alerts.evaluate")
def evaluate_alerts() -> None:
    """Evaluate all rules; what that calls for is sent at once."""
    if evaluate(at=timezone.now()).transitions:
        deliver_alerts.delay()


@shared_task(name="alerts.deliver")
def deliver_alerts() -> None:
    """Send what is due, and what falls due again after an error."""
    deliver(clock=timezone.now)
