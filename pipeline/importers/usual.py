"""What a deal takes from its stage, so that only what is set apart from it is the deal's own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from pipeline.importers.session import objects
from pipeline.models import Stage


@dataclass(frozen=True)
class UsualOfStages:
    """Probability and category by stage."""

    probability: dict[int, Decimal]
    category: dict[int, str]

    @classmethod
    def load(cls) -> UsualOfStages:
        rows = list(Stage.objects.values_list("pk", "probability", "category"))
        return cls({pk: p for pk, p, _c in rows}, {pk: c for pk, _p, c in rows})

    def leave_out(self, values: pd.DataFrame) -> pd.DataFrame:
        """Rows with a stage, without the probability and category that are the stage's own."""
        for name in ("probability", "category"):
            if name in values:
                usual = getattr(self, name)
                pairs = zip(values["stage"], values[name], strict=True)
                own = [None if value == usual.get(stage) else value for stage, value in pairs]
                values = values.assign(**{name: objects(own, values.index)})
        return values
