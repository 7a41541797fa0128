"""The board: open deals in columns by stage, each with its totals and first cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from accounts.models import User
from pipeline.criteria import Checklist, Checks
from pipeline.dwell import usual_days
from pipeline.measures.deals import OPEN_AMOUNT_ALL, WEIGHTED_AMOUNT_ALL
from pipeline.models import Deal, Outcome, SalesProcess, Stage
from pipeline.populations.deals import OPEN_ALL, omitted
from pipeline.reading import NUMBER, Reading, known
from pipeline.risks import Risk, risks_of

CARDS = 20
MOST_CARDS = 200


@dataclass(frozen=True)
class Totals:
    """How many deals a column holds and what they bring; None where a rate is missing.

    Deals whose category is "omitted" are on the board and in its totals, but in no KPI of the
    pipeline: `omitted` says how many, `omitted_amount` what they bring.
    """

    count: int = 0
    amount: Decimal | None = Decimal(0)
    weighted: Decimal | None = Decimal(0)
    omitted: int = 0
    omitted_amount: Decimal | None = Decimal(0)


@dataclass(frozen=True)
class Card:
    """A deal as the board shows it. `usual` is how many days deals stay in its stage."""

    deal: Deal
    age: int | None
    usual: int | None
    risks: list[Risk]
    checks: Checklist


@dataclass(frozen=True)
class Column:
    """An open stage with the totals of all its deals and the cards of the first ones."""

    stage: Stage
    totals: Totals
    cards: list[Card]
    shown: int

    @property
    def left(self) -> int:
        """How many deals have no card yet."""
        return max(0, self.totals.count - len(self.cards))

    @property
    def is_extended(self) -> bool:
        """Whether more cards were asked for, which must last when the column is shown again."""
        return self.shown > CARDS

    @property
    def can_show_more(self) -> bool:
        return self.left > 0 and self.shown < MOST_CARDS


@dataclass(frozen=True)
class Board:
    """One person's look at one process; `shown` says how many cards a stage shows."""

    viewer: User
    process: SalesProcess
    reading: Reading
    condition: Q = field(default_factory=Q)
    shown: Mapping[int, int] = field(default_factory=dict)

    def deals(self) -> QuerySet[Any]:
        """The open deals that are on the board: totals and cards are both of these."""
        rows = OPEN_ALL.rows(self.reading).filter(self.condition)
        return rows.filter(stage__process=self.process)

    def columns(self) -> list[Column]:
        """A column for each open stage, in a fixed count of queries."""
        stages = [stage for stage in self.stages() if stage.outcome == Outcome.OPEN]
        totals, cards = self._totals(), self._cards()
        return [
            Column(
                stage,
                totals.get(stage.pk, Totals()),
                cards.get(stage.pk, []),
                self._limit(stage.pk),
            )
            for stage in stages
        ]

    def stages(self) -> list[Stage]:
        """Every stage of the process, the closing ones too."""
        return list(self.process.stages.all())

    def _limit(self, stage_id: int) -> int:
        return min(self.shown.get(stage_id, CARDS), MOST_CARDS)

    def _totals(self) -> dict[int, Totals]:
        rows = self.deals().values("stage").order_by("stage")
        left_out = omitted(self.reading.stock_states(Stage))
        rows = rows.annotate(
            deals=Count("pk"),
            total=OPEN_AMOUNT_ALL.expression(self.reading),
            weighted=WEIGHTED_AMOUNT_ALL.expression(self.reading),
            omitted=Count("pk", filter=left_out),
            omitted_amount=Coalesce(
                Sum(OPEN_AMOUNT_ALL.contribution(self.reading), filter=left_out),
                Decimal(0),
                output_field=NUMBER,
            ),
        )
        return {
            row["stage"]: Totals(
                row["deals"],
                known(row["total"]),
                known(row["weighted"]),
                row["omitted"],
                known(row["omitted_amount"]),
            )
            for row in rows
        }

    def _cards(self) -> dict[int, list[Card]]:
        usual = usual_days(self.process, at=self.reading.at)
        cards: dict[int, list[Card]] = {}
        deals = list(self._first_deals())
        keys = [deal.pk for deal in deals]
        checks = Checks.read(keys, self.process.pk, at=self.reading.at)
        for deal in deals:
            found = checks.of(deal.pk, deal.stage_id)
            card = card_of(deal, found, at=self.reading.at, reading=self.reading, usual=usual)
            cards.setdefault(deal.stage_id, []).append(card)
        return cards

    def _first_deals(self) -> QuerySet[Any]:
        order = (F("expected_close").asc(nulls_last=True), F("pk").asc())
        place = Window(RowNumber(), partition_by="stage", order_by=order)
        limits = Q(place__lte=CARDS)
        for stage_id in self.shown:
            limits |= Q(stage=stage_id, place__lte=self._limit(stage_id))
        seen = Deal.objects.visible_to(self.viewer).filter(pk__in=self.deals().values("pk"))
        # Only what orders them is sorted of all, and the few that are shown are read whole.
        first = seen.annotate(place=place).filter(limits).values("pk")
        return Deal.objects.filter(pk__in=first).for_listing().order_by(*order)


def card_of(
    deal: Deal, checks: Checklist, *, at: datetime, reading: Reading, usual: Mapping[int, int]
) -> Card:
    """A deal with its age, its marks and its stage's checklist at an instant."""
    days = usual.get(deal.stage_id)
    risks = risks_of(deal, today=reading.calendar.business_day(at), at=at, usual=days)
    return Card(deal, deal.age_in_stage(at), days, risks, checks)
