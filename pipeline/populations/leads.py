"""Populations of leads."""

from __future__ import annotations

from types import MappingProxyType

from django.db.models import Exists, OuterRef, Q, Subquery

from pipeline.models import Activity, Lead
from pipeline.populations.base import Population, Rows
from pipeline.reading import Reading, row_key

LEAD_DIMENSIONS = MappingProxyType(
    {
        "rep": "owner",
        "team": "team",
        "industry": "industry",
        "size": "size_band",
        "region": "region",
        "source": "source",
    }
)


def _leads_created(reading: Reading) -> Rows:
    rows = reading.flow(Lead).filter(reading.period.covers("created_at"))
    return rows.filter(reading.credited(instant="created_at"))


def _converted_since(reading: Reading) -> Q:
    return Q(converted_at__lt=reading.followed_until)


def _cohort_converted(reading: Reading) -> Rows:
    return _leads_created(reading).filter(_converted_since(reading))


def _leads_converted(reading: Reading) -> Rows:
    rows = reading.flow(Lead).filter(reading.period.covers("converted_at"))
    return rows.filter(reading.credited(instant="converted_at"))


def _contacts(reading: Reading, rows: Rows) -> Rows:
    """What was done about a lead while it was followed."""
    done = reading.flow(Activity).filter(at__lt=reading.followed_until)
    contacts: Rows = done.filter(lead=OuterRef(row_key(rows)))
    return contacts


def _leads_answered(reading: Reading) -> Rows:
    """Leads created that were contacted, each with the instant of its first contact."""
    rows = _leads_created(reading)
    contacts = _contacts(reading, rows)
    first = Subquery(contacts.order_by("at").values("at")[:1])
    answered: Rows = rows.filter(Exists(contacts)).annotate(first_contact=first)
    return answered


def _leads_unanswered(reading: Reading) -> Rows:
    rows = _leads_created(reading)
    return rows.filter(~Exists(_contacts(reading, rows)))


LEADS = Population("leads", Lead, _leads_created, "created_at", dimensions=LEAD_DIMENSIONS)

LEADS_CONVERTED_SINCE = Population(
    "leads_converted_since",
    Lead,
    _cohort_converted,
    "created_at",
    dimensions=LEAD_DIMENSIONS,
    is_followed=True,
    among=LEADS,
    only=_converted_since,
)

LEADS_CONVERTED = Population(
    "leads_converted", Lead, _leads_converted, "converted_at", dimensions=LEAD_DIMENSIONS
)

LEADS_ANSWERED = Population(
    "leads_answered",
    Lead,
    _leads_answered,
    "created_at",
    dimensions=LEAD_DIMENSIONS,
    is_followed=True,
    reads=(Activity,),
)

LEADS_UNANSWERED = Population(
    "leads_unanswered",
    Lead,
    _leads_unanswered,
    "created_at",
    dimensions=LEAD_DIMENSIONS,
    is_followed=True,
    reads=(Activity,),
)
