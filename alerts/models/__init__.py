"""Rules, what was last read for them, incidents with their transitions, and mail about them."""

from alerts.models.condition import ASKED, CONDITION, Condition, Direction, Severity
from alerts.models.deliveries import Delivery, DeliveryState
from alerts.models.incidents import (
    Incident,
    Transition,
    TransitionKind,
    with_open_incidents,
)
from alerts.models.notices import Notice, NoticeKind
from alerts.models.rules import AlertRule, Watch

__all__ = [
    "ASKED",
    "CONDITION",
    "AlertRule",
    "Condition",
    "Delivery",
    "DeliveryState",
    "Direction",
    "Incident",
    "Notice",
    "NoticeKind",
    "Severity",
    "Transition",
    "TransitionKind",
    "Watch",
    "with_open_incidents",
]
