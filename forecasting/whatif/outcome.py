"""The ends of a scope's period under levers, drawn with the luck of the model's last run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import cache

from accounts.scope import Scope, Tree
from forecasting.model.arrays import Floats
from forecasting.model.ends import Ends
from forecasting.model.forecast import Model, play, seed_of
from forecasting.model.kept import read
from forecasting.model.nodes import leaves_of
from forecasting.model.simulation import Tempo
from forecasting.models import ModelRun, RunParts
from periods import Period

_KEPT_SECONDS = 3600


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is booked, and what comes to it in each draw."""

    booked: float
    brought: Floats

    def ends(self, size: float = 1.0) -> Ends:
        """Where the period ends if everything still to come is `size` times as large."""
        return Ends(self.booked + self.brought * size)


def drawn(
    run: ModelRun, scope: Scope, period: Period, tree: Tree, tempos: Sequence[Tempo]
) -> list[Drawn] | None:
    """The draws of a scope at each tempo; None where the run's parts are not kept any more, or
    nothing of the scope is among them.

    Each is drawn once and kept for an hour: the same run and tempo always give the same.
    """
    keys = [_key(run, scope, tempo) for tempo in tempos]
    known: dict[str, Drawn] = cache.get_many(set(keys))
    if missing := {key: tempo for key, tempo in zip(keys, tempos, strict=True) if key not in known}:
        fresh = _draw(run, scope, period, tree, missing)
        if fresh is None:
            return None
        cache.set_many(fresh, _KEPT_SECONDS)
        known |= fresh
    return [known[key] for key in keys]


def _draw(
    run: ModelRun, scope: Scope, period: Period, tree: Tree, tempos: dict[str, Tempo]
) -> dict[str, Drawn] | None:
    parts = RunParts.objects.filter(run=run).first()
    if parts is None:
        return None
    standing = read(bytes(parts.standing))
    leaves = leaves_of(scope, standing.leaves, tree, run.at)
    if not leaves:
        return None
    own, model = standing.part(leaves), Model.read(run.learned)
    found = {}
    for key, tempo in tempos.items():
        outcomes = play(model, own, seed=seed_of(period), tempo=tempo)
        everything = range(len(own.leaves))
        found[key] = Drawn(outcomes.booked_by(everything), outcomes.brought_by(everything))
    return found


def _key(run: ModelRun, scope: Scope, tempo: Tempo) -> str:
    """Names a run as it was learned and whose work of it is meant."""
    teams = ",".join(map(str, sorted(scope.team_ids)))
    named = f"{run.pk} {run.at.isoformat()} {scope.code} {teams} {tempo.pace} {tempo.volume}"
    return f"forecasting:whatif:{sha256(named.encode()).hexdigest()}"
