"""Which exit criteria of a deal are met, and which ones a move would pass by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from history import version_model
from pipeline.models import Criterion, Deal, Outcome, Stage, Tick

TAKEN_BACK_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True)
class Check:
    """A criterion, and what was said of it last for one deal."""

    criterion: Criterion
    tick: Tick | None

    @property
    def is_met(self) -> bool:
        return self.tick is not None and self.tick.is_met


@dataclass(frozen=True)
class Checklist:
    """The criteria of a stage as they stand for one deal."""

    checks: list[Check]

    @property
    def met(self) -> int:
        return sum(check.is_met for check in self.checks)

    @property
    def missing(self) -> list[Criterion]:
        """The must-haves that are not ticked."""
        unmet = (check.criterion for check in self.checks if not check.is_met)
        return [criterion for criterion in unmet if criterion.is_must]


@dataclass(frozen=True)
class Checks:
    """The checklists of some deals, by stage."""

    criteria: Mapping[int, list[Criterion]]
    ticks: Mapping[tuple[int, int], Tick]

    def of(self, deal: int, stage: int) -> Checklist:
        """A deal's checklist of a stage."""
        asked = self.criteria.get(stage, [])
        return Checklist([Check(each, self.ticks.get((deal, each.pk))) for each in asked])

    @classmethod
    def read(cls, deals: Collection[int], process: int, *, at: datetime) -> Checks:
        """Those of deals of one process at an instant, in two queries."""
        criteria: dict[int, list[Criterion]] = {}
        for each in Criterion.objects.filter(stage__process=process, is_active=True):
            criteria.setdefault(each.stage_id, []).append(each)
        said = Tick.objects.standing(deals, at).select_related("by") if criteria and deals else []
        return cls(criteria, {(tick.deal_id, tick.criterion_id): tick for tick in said})


def passed_by(deal: Deal, to: Stage, *, at: datetime) -> list[Criterion]:
    """The unticked must-haves of the stages that a deal would leave or jump on its way.

    None for a move back or to lost. `deal` is as it stands before the move.
    """
    stages = _on_the_way(deal, to)
    if not stages:
        return []
    checks = Checks.read([deal.pk], to.process_id, at=at)
    return [each for stage in stages for each in checks.of(deal.pk, stage).missing]


def _on_the_way(deal: Deal, to: Stage) -> list[int]:
    start = _position(deal)
    if start is None or to.outcome == Outcome.LOST:
        return []
    stages = Stage.objects.open().filter(process=to.process_id, position__gte=start)
    if to.outcome == Outcome.OPEN:
        stages = stages.filter(position__lt=to.position)
    return list(stages.order_by("position").values_list("pk", flat=True))


def _position(deal: Deal) -> int | None:
    """How far a deal had come: a lost one until it was lost; None where nothing is left to do."""
    if deal.outcome == Outcome.OPEN:
        return deal.stage.position
    if deal.outcome == Outcome.WON:
        return None
    versions = version_model(Deal).objects.known().filter(row=deal.pk, outcome=Outcome.OPEN)
    last = versions.order_by("-valid_from").values_list("stage__position", flat=True).first()
    return None if last is None else int(last)


def takes_back(deal: Deal, to: Stage, by: User, *, at: datetime) -> bool:
    """Whether a move undoes what the same person did to the deal minutes ago."""
    versions = version_model(Deal).objects.known().filter(row=deal.pk).order_by("-valid_from")
    states = list(versions.values("stage", "changed_by", "valid_from")[:2])
    if len(states) < 2:
        return False
    last, before = states
    lately: bool = at - last["valid_from"] <= TAKEN_BACK_WITHIN
    return lately and (last["changed_by"], before["stage"]) == (by.pk, to.pk)
