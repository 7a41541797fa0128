"""The sales process that a mapping describes."""

from __future__ import annotations

from typing import Any

from pipeline.bulk.tables import ignoring_triggers
from pipeline.importers.mapping import ProcessMapping
from pipeline.models import SalesProcess, Stage


def write_process(mapping: ProcessMapping | None) -> int | None:
    """The id of the mapping's process, or of the one for new deals; None without any.

    The first process of a company becomes the one for new deals. Stages that the mapping does
    not name stay, behind those that it does.
    """
    if mapping is None:
        process = SalesProcess.objects.order_by("-is_default", "pk").first()
        return process.pk if process else None
    process, _made = SalesProcess.objects.get_or_create(
        slug=mapping.slug,
        defaults={"name": mapping.name, "is_default": not SalesProcess.objects.exists()},
    )
    if not mapping.stages:
        return process.pk
    present = {stage.name: stage for stage in Stage.objects.filter(process=process)}
    for position, stage in enumerate(mapping.stages, start=1):
        wanted = {
            "position": position,
            "name_ko": stage.name_ko,
            "probability": stage.probability,
            "category": stage.category,
            "outcome": stage.outcome,
        }
        _write_stage(process, stage.name, present.pop(stage.name, None), wanted)
    _move_behind(list(present.values()), len(mapping.stages))
    return process.pk


def _write_stage(
    process: SalesProcess, name: str, found: Stage | None, wanted: dict[str, Any]
) -> None:
    if found is None:
        with ignoring_triggers(Stage):
            Stage.objects.create(process=process, name=name, **wanted)
    elif any(getattr(found, key) != value for key, value in wanted.items()):
        Stage.objects.filter(pk=found.pk).update(**wanted)


def _move_behind(stages: list[Stage], first: int) -> None:
    for position, stage in enumerate(sorted(stages, key=lambda s: s.position), start=first + 1):
        if stage.position != position:
            Stage.objects.filter(pk=stage.pk).update(position=position)
