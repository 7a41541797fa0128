"""What deals went through as it was known once.

For nearly all deals that is what is kept now. Of those whose past was told otherwise later, by an
import that reached back, it is told anew from the versions that were known (migration 0027).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import models
from django.db.models.sql.datastructures import BaseTable

from pipeline.models.journeys import OfVersion, StageArrival, StageVisit

_TOLD_BY = {StageVisit: "pipeline_retold_visits", StageArrival: "pipeline_retold_arrivals"}
_EITHER = """(
    SELECT {columns} FROM "{table}" WHERE row_id NOT IN (
        SELECT retold.row_id FROM pipeline_retold(%s, %s) retold)
    UNION ALL SELECT {columns} FROM {told_by}(%s, %s)
) AS {alias}"""


class _AsKnown(BaseTable):
    """Stands in a statement where the table would, under its name."""

    model: type[OfVersion]
    instants: tuple[datetime, datetime]

    def as_sql(self, *_compiling: Any) -> Any:
        columns = ", ".join(str(field.column) for field in self.model._meta.concrete_fields)
        told_by = _TOLD_BY[self.model]
        either = _EITHER.format(
            columns=columns, table=self.table_name, told_by=told_by, alias=self.table_alias
        )
        return either, [*self.instants, *self.instants]

    def relabeled_clone(self, change_map: dict[Any, Any]) -> _AsKnown:
        alias = change_map.get(self.table_alias, self.table_alias)
        return _stand_in(self.table_name, alias, model=self.model, instants=self.instants)


def _stand_in(
    table: str, alias: Any, *, model: type[OfVersion], instants: tuple[datetime, datetime]
) -> _AsKnown:
    found = _AsKnown(table, alias)
    found.model, found.instants = model, instants
    return found


def as_known(
    model: type[OfVersion], known_at: datetime, *, until: datetime
) -> models.QuerySet[Any]:
    """Every row of what was told at `known_at` of the time until `until`, which is not later."""
    rows: models.QuerySet[Any] = model._base_manager.all()
    there: Any = partial(_stand_in, model=model, instants=(known_at, until))
    rows.query.base_table_class = there
    return rows
