"""Sales processes and stages that come from files: tables of their own, or the deals' columns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from pipeline.bulk import Counts
from pipeline.bulk.tables import ignoring_triggers
from pipeline.importers.rows import Rows
from pipeline.importers.session import Session, numbered, records
from pipeline.models import Category, Outcome, SalesProcess, Stage

_UNPLACED = 30_000
_ENDS = {
    Outcome.WON: (Category.CLOSED, Decimal(1), "Won", "수주"),
    Outcome.LOST: (Category.OMITTED, Decimal(0), "Lost", "실주"),
}


def new_process(name: str, *, external_id: str | None = None) -> SalesProcess:
    """A process without stages; a company's first is the one for new deals."""
    taken = set(SalesProcess.objects.values_list("slug", flat=True))
    base = slugify(name, allow_unicode=True)[:50] or "process"
    return SalesProcess.objects.create(
        slug=next(slug for slug in numbered(base) if slug not in taken),
        name=name,
        external_id=external_id,
        is_default=not SalesProcess.objects.exists(),
    )


def load_processes(rows: Rows, session: Session) -> None:
    """Sales processes, the first of them the import's own."""
    named = [row for values in rows.chunks() for row in records(values)]
    named.sort(key=lambda row: row.get("position") or 0)
    ids = []
    for row in named:
        key = row.get("external_id") or row["name"]
        found = SalesProcess.objects.filter(external_id=key).first()
        is_renamed = found is not None and found.name != row["name"]
        if found is None:
            found = new_process(row["name"], external_id=key)
            rows.count(Counts(created=1))
        elif is_renamed:
            SalesProcess.objects.filter(pk=found.pk).update(name=row["name"])
        rows.count(Counts(updated=int(is_renamed)))
        ids.append(found.pk)
    rows.count(Counts(unchanged=rows.totals.read - rows.totals.counts.written))
    if ids:
        session.work_in(ids[0])


@dataclass(frozen=True)
class _Told:
    """What rows tell of a stage; None where they do not."""

    name_ko: str | None
    probability: Decimal | None
    category: str | None
    outcome: str
    position: int | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> _Told:
        outcome = row.get("outcome")
        if outcome is None:
            closed = Outcome.LOST if row.get("is_closed") else Outcome.OPEN
            outcome = Outcome.WON if row.get("is_won") else closed
        category, probability = row.get("category"), row.get("probability")
        if outcome in _ENDS:
            category, probability, *_names = _ENDS[Outcome(outcome)]
        return cls(row.get("name_ko"), probability, category, outcome, row.get("position"))

    def known(self) -> dict[str, Any]:
        """The columns of a stage that are told, its position left out."""
        columns = {
            "name_ko": self.name_ko,
            "probability": self.probability,
            "category": self.category,
            "outcome": self.outcome,
        }
        return {name: value for name, value in columns.items() if value is not None}


def load_stages(rows: Rows, session: Session) -> None:
    """Stages as most rows tell them, so that they may come from the deals themselves.

    A stage that is known by an id is brought up to date; one that is known by its name stays as
    staff have set it.
    """
    if session.process_id is None and not rows.has("process"):
        session.work_in(new_process(_("Sales")).pk)
    told: dict[Any, dict[tuple[str | None, str], Counter[_Told]]]
    told = defaultdict(lambda: defaultdict(Counter))
    for values in rows.chunks():
        for row in records(values):
            process = row.get("process") or session.process_id
            told[process][row.get("external_id"), row["name"]][_Told.of(row)] += 1
    for process, stages in told.items():
        _write(process, {key: most.most_common(1)[0][0] for key, most in stages.items()}, rows)
    rows.count(Counts(unchanged=rows.totals.read - rows.totals.counts.written))


def _write(process: int, told: Mapping[tuple[str | None, str], _Told], rows: Rows) -> None:
    present = list(Stage.objects.filter(process=process).order_by("position"))
    placed: dict[int, int] = {}
    for (external_id, name), stage in told.items():
        found = _found(present, external_id, name)
        if found is None:
            found = _make(process, external_id, name, stage)
            _insert(present, found)
            rows.count(Counts(created=1))
        elif external_id and _update(found, {"name": name, **stage.known()}):
            rows.count(Counts(updated=1))
        if stage.position is not None:
            placed[found.pk] = stage.position
    if placed:
        present.sort(key=lambda stage: placed.get(stage.pk, len(present) + max(placed.values())))
    _number(present)


def _found(present: Iterable[Stage], external_id: str | None, name: str) -> Stage | None:
    if external_id:
        return next((stage for stage in present if stage.external_id == external_id), None)
    return next((stage for stage in present if stage.name == name), None)


def _make(process: int, external_id: str | None, name: str, told: _Told) -> Stage:
    """At a place of its own for now, behind all others."""
    probability = told.probability or Decimal(0)
    usual = Category.PIPELINE if probability else Category.OMITTED
    with ignoring_triggers(Stage):
        return Stage.objects.create(
            process_id=process,
            external_id=external_id,
            name=name,
            position=_UNPLACED + Stage.objects.filter(process=process).count(),
            **{"probability": probability, "category": usual, **told.known()},
        )


def _insert(present: list[Stage], made: Stage) -> None:
    """Before the first that is further on, so that a process reads from its start to its end."""
    further = (i for i, stage in enumerate(present) if _progress(stage) > _progress(made))
    present.insert(next(further, len(present)), made)


def _progress(stage: Stage) -> tuple[int, Decimal]:
    return Outcome.values.index(stage.outcome), stage.probability


def _update(stage: Stage, wanted: Mapping[str, Any]) -> bool:
    changes = {name: value for name, value in wanted.items() if getattr(stage, name) != value}
    if changes:
        Stage.objects.filter(pk=stage.pk).update(**changes)
    return bool(changes)


def _number(stages: Iterable[Stage]) -> None:
    """New stages have no history yet; a move of the others is part of theirs."""
    for position, stage in enumerate(stages, start=1):
        if stage.position >= _UNPLACED:
            with ignoring_triggers(Stage):
                Stage.objects.filter(pk=stage.pk).update(position=position)
        elif stage.position != position:
            Stage.objects.filter(pk=stage.pk).update(position=position)


def complete_processes(session: Session) -> None:
    """Every process can be won and lost, though no deal of the export was yet."""
    for process in SalesProcess.objects.prefetch_related("stages"):
        outcomes = {stage.outcome for stage in process.stages.all()}
        last = max((stage.position for stage in process.stages.all()), default=0)
        for outcome, (category, probability, name, name_ko) in _ENDS.items():
            if not outcomes or outcome in outcomes:
                continue
            last += 1
            with ignoring_triggers(Stage):
                Stage.objects.create(
                    process=process,
                    name=name,
                    name_ko=name_ko,
                    position=last,
                    probability=probability,
                    category=category,
                    outcome=outcome,
                )
            session.report.note(_("stages made, since every process can be won and lost"), 1)
