"""The steps of the customer's journey by name, in their order."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kpis.declarations import Journey

JOURNEYS = {
    Journey.AWARENESS: _("Awareness"),
    Journey.CONSIDERATION: _("Consideration"),
    Journey.DECISION: _("Decision"),
    Journey.RETENTION: _("Retention"),
    Journey.ECONOMICS: _("Economics"),
}
