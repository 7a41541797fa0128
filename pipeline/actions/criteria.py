"""What people say of exit criteria, and why a deal moves on without some."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from pipeline.actions.changing import changing
from pipeline.actions.closed import LONGEST, ReasonNeeded
from pipeline.models import Criterion, Deal, Skip, Tick


class CriteriaUnmet(ReasonNeeded):
    """Must-haves on a deal's way are not ticked; it moves on for a reason all the same."""

    title: ClassVar[str | Promise] = _("Not everything is ticked")
    question: ClassVar[str | Promise] = _("Why does the deal move on all the same?")
    submit: ClassVar[str | Promise] = _("Move it on")

    def __init__(self, criteria: Sequence[Criterion]) -> None:
        names = "; ".join(each.label for each in criteria)
        message = _("Not ticked yet: %(criteria)s. Give a reason to move the deal on all the same.")
        super().__init__(str(message % {"criteria": names}))
        self.criteria = criteria

    @property
    def extensions(self) -> dict[str, Any]:
        named = [
            {"id": each.pk, "stage": each.stage_id, "name": each.label} for each in self.criteria
        ]
        return {**super().extensions, "criteria": named}


def tick(*, deal: Deal, criterion: Criterion, met: bool, by: User, at: datetime) -> Tick | None:
    """Say that a criterion is met, or is not after all; None where that was said already.

    ValidationError for one that is retired or belongs to another sales process.
    """
    asked = criterion.is_active and criterion.stage.process_id == deal.stage.process_id
    if not asked:
        raise ValidationError({"criterion": _("This criterion is not asked of this deal.")})
    with changing(by=by):
        held = Deal.objects.select_for_update(of=("self",)).get(pk=deal.pk)
        last = Tick.objects.standing([deal.pk], at).filter(criterion=criterion).first()
        if met == (last is not None and last.is_met):
            return None
        return Tick.objects.create(
            deal=held,
            criterion=criterion,
            is_met=met,
            by=by,
            owner_id=held.owner_id,
            team_id=held.team_id,
            at=at,
        )


def note_skip(
    deal: Deal, criteria: Sequence[Criterion], *, reason: str, by: User, at: datetime
) -> None:
    """Keep why a deal moves past these. CriteriaUnmet without a reason. Within `changing`."""
    if not criteria:
        return
    if not reason:
        raise CriteriaUnmet(criteria)
    Skip.objects.create(
        deal=deal,
        criteria=[each.pk for each in criteria],
        reason=reason[:LONGEST],
        by=by,
        at=at,
    )
