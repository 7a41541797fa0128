"""What people do with leads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Permission, require
from pipeline.actions.changing import apply, changing, locked, save
from pipeline.actions.deals import check_owner, create_deal, team_of
from pipeline.models import Customer, Deal, Lead, LeadStatus, Stage

EDITABLE = frozenset(
    {
        "name",
        "company_name",
        "email",
        "phone",
        "source",
        "campaign",
        "industry",
        "size_band",
        "region",
        "external_id",
    }
)


def create_lead(*, by: User, at: datetime, owner: User | None, fields: Mapping[str, Any]) -> Lead:
    """A new lead, credited to its owner's team (the author's, where it has no owner yet)."""
    if owner is not None:
        check_owner(owner, by=by)
    with changing(by=by):
        lead = Lead(owner=owner, created_at=at, team=team_of(owner or by, at=at))
        apply(lead, fields, editable=EDITABLE)
        return save(lead)


def edit_lead(*, lead: Lead, by: User, revision: int, changes: Mapping[str, Any]) -> Lead:
    """Change what is known about a lead. Stale if it changed since `revision`."""
    with changing(by=by):
        current = locked(lead, revision=revision)
        apply(current, changes, editable=EDITABLE)
        return save(current)


def set_status(*, lead: Lead, to: str, by: User, revision: int) -> Lead:
    """Work on a lead, or set it aside. ValidationError once it is converted."""
    if to not in (LeadStatus.NEW, LeadStatus.WORKING, LeadStatus.DISQUALIFIED):
        raise ValidationError({"status": _("Convert the lead to make it a deal.")})
    with changing(by=by):
        current = locked(lead, revision=revision)
        _check_not_converted(current)
        current.status = to
        return save(current)


def reassign_lead(*, lead: Lead, to: User | None, by: User, revision: int, at: datetime) -> Lead:
    """Give a lead to another owner and their team; one without an owner may be taken."""
    if to is not None:
        check_owner(to, by=by)
    with changing(by=by):
        current = locked(lead, revision=revision)
        if current.owner_id not in (None, by.pk) or to != by:
            require(by, Permission.REASSIGN)
        _check_not_converted(current)
        current.owner = to
        current.team = team_of(to, at=at) if to else current.team
        return save(current)


def convert_lead(
    *,
    lead: Lead,
    by: User,
    revision: int,
    at: datetime,
    stage: Stage | None = None,
    customer: Customer | None = None,
    fields: Mapping[str, Any],
) -> Deal:
    """Make a deal of a lead, for `customer` or a new one with the lead's segments.

    The deal takes the lead's owner (else the author) and source, and its first contact is
    the lead's creation. ValidationError if the lead is converted already.
    """
    with changing(by=by):
        current = locked(lead, revision=revision)
        _check_not_converted(current)
        buyer = customer or _customer_of(current, by=by, at=at)
        deal = create_deal(
            by=by,
            at=at,
            owner=current.owner or by,
            stage=stage or first_stage(),
            fields={"name": str(current), **fields, **_inherited(current), "customer": buyer},
        )
        current.deal, current.customer = deal, buyer
        current.status, current.converted_at = LeadStatus.CONVERTED, at
        save(current)
        return deal


def first_stage() -> Stage:
    """Where a new deal starts: the first open stage of the default process."""
    stage = Stage.objects.open().order_by("-process__is_default", "process", "position").first()
    if stage is None:
        raise ValidationError(_("There is no sales process yet. Staff can add one in Settings."))
    return stage


def _check_not_converted(lead: Lead) -> None:
    if lead.status == LeadStatus.CONVERTED:
        raise ValidationError({"status": _("This lead was converted already.")})


def _inherited(lead: Lead) -> dict[str, Any]:
    return {"source": lead.source, "first_contact_at": lead.created_at}


def _customer_of(lead: Lead, *, by: User, at: datetime) -> Customer:
    return save(
        Customer(
            name=str(lead),
            industry=lead.industry,
            size_band=lead.size_band,
            region=lead.region,
            owner=lead.owner or by,
            created_at=at,
        )
    )
