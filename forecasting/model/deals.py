"""The open deals of a scope with their chances, reasons and flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.scope import Scope
from forecasting.model.features import matrix
from forecasting.model.forecast import Model
from forecasting.model.frames import Instant, Part, read_history
from forecasting.model.history import moment
from forecasting.model.learning import snapshot_of
from forecasting.model.reasons import Reason, reasons
from forecasting.models import ModelRun
from periods import Period
from pipeline.dwell import usual_days
from pipeline.models import Deal
from pipeline.models.process import SalesProcess
from pipeline.risks import Risk, risks_of

LARGEST = 200
_QUIET_DAYS = 30
_OFTEN = 2


@dataclass(frozen=True)
class Weighed:
    """An open deal: its chance of being won by the period's end, what it is worth in the
    company's currency (None without a rate), why, and what is amiss."""

    deal: Deal
    chance: float
    worth: float | None
    reasons: list[Reason]
    flags: list[Risk]

    @property
    def expected(self) -> float:
        """Chance times worth."""
        return self.chance * (self.worth or 0.0)


def weighed(
    run: ModelRun, scope: Scope, period: Period, *, viewer: User, at: datetime
) -> list[Weighed]:
    """The largest open deals of a scope, what is to be expected most first."""
    deals = _largest(scope, viewer)
    if not deals:
        return []
    model = Model.read(run.learned).learned
    history = read_history(Instant(at), Part(deals=tuple(deals)))
    rows = history.open_at(moment(at))
    snapshot = snapshot_of(period, at)
    features = matrix(history, rows, snapshot, model.scale, model.owners)
    chances = model.chances(history, rows, snapshot).tolist()
    worths = history.worth(rows, np.datetime64(snapshot.day)).tolist()
    pushes = dict(zip(history["deal"][rows].tolist(), history.pushes[rows].tolist(), strict=True))
    flags = _flags(deals, pushes, period, at)
    found = [
        Weighed(deals[key], chance, None if np.isnan(worth) else worth, why, flags[key])
        for key, chance, worth, why in zip(
            history["deal"][rows].tolist(), chances, worths, reasons(features, model), strict=True
        )
        if key in deals
    ]
    return sorted(found, key=lambda each: -each.expected)


def _largest(scope: Scope, viewer: User) -> dict[int, Deal]:
    deals = Deal.objects.visible_to(viewer).in_scope(scope).open().for_listing()
    largest = deals.filter(amount__isnull=False).order_by("-amount", "pk")[:LARGEST]
    return {deal.pk: deal for deal in largest}


def _flags(
    deals: dict[int, Deal], pushes: dict[int, int], period: Period, at: datetime
) -> dict[int, list[Risk]]:
    today = period.calendar.business_day(at)
    usual: dict[int, int] = {}
    for process in SalesProcess.objects.all():
        usual |= usual_days(process, at=at)
    last = _last_activities(list(deals), at)
    return {
        key: [
            *risks_of(deal, today=today, at=at, usual=usual.get(deal.stage_id)),
            *_pushed(pushes.get(key, 0)),
            *_quiet(last.get(key) or deal.created_at, at),
        ]
        for key, deal in deals.items()
    }


def _last_activities(deals: Sequence[int], at: datetime) -> dict[int, datetime]:
    found = Deal.objects.filter(pk__in=deals, activities__at__lte=at)
    return dict(found.values_list("pk").annotate(last=Max("activities__at")))


def _pushed(times: int) -> list[Risk]:
    if times < _OFTEN:
        return []
    why = ngettext(
        "Its expected close was put off %(times)s time.",
        "Its expected close was put off %(times)s times.",
        times,
    )
    return [Risk(_("Put off"), "warn", why % {"times": times})]


def _quiet(last: datetime | None, at: datetime) -> list[Risk]:
    if last is None or at - last < timedelta(days=_QUIET_DAYS):
        return []
    why = _("Nothing was done for %(days)s days.") % {"days": (at - last).days}
    return [Risk(_("Quiet"), "warn", why)]
