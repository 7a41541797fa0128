"""Writes stored values: from the facts to the leaves, from the leaves to teams and company.

Everything is one INSERT … SELECT of the measures' own SQL, and only rows that differ are written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.models import Company
from kpis.models import StoredValue
from kpis.storage.columns import Source, Sql, sql_for
from kpis.storage.units import StoredSpan
from periods import Calendar, Period

TABLE = StoredValue._meta.db_table
KEY = "level, unit, start, team_id, owner_id"


@dataclass(frozen=True)
class Leaf:
    """The work of one owner credited to one team in one month or week."""

    span: StoredSpan
    team: int | None
    owner: int | None


@dataclass(frozen=True)
class Filling:
    """One writing of the columns of some sources."""

    sources: tuple[Source, ...]
    calendar: Calendar
    currency: str

    @classmethod
    def of(cls, sources: Iterable[Source]) -> Filling:
        company = Company.current()
        return cls(tuple(sources), company.calendar, company.currency)

    @property
    def columns(self) -> list[str]:
        return [measure.key for source in self.sources for measure in source.measures]

    def whole(self, spans: Sequence[StoredSpan]) -> int:
        """Write all values of spans of one unit; answers how many rows were not as they should be.

        What lies between the spans is read as well, and left out.
        """
        found = [self._found_in(source, spans) for source in self.sources]
        written = self._write_leaves([self._known_leaves(spans), *found])
        self.sums(spans)
        self._forget_empty(spans)
        return written

    def leaves(self, touched: Collection[Leaf]) -> int:
        """Write the values of these leaves and what they add up to; answers how many differed."""
        if not touched:
            return 0
        owners: dict[StoredSpan, set[int | None]] = {}
        for leaf in touched:
            owners.setdefault(leaf.span, set()).add(leaf.owner)
        found = [
            _only(self._found(source, span), people)
            for span, people in owners.items()
            for source in self.sources
        ]
        written = self._write_leaves([self._named_leaves(touched), *found])
        self.sums(owners)
        return written

    def sums(self, spans: Collection[StoredSpan]) -> None:
        """Write the rows of the teams and of the company from the leaves."""
        columns = ", ".join(f"sum({column})" for column in self.columns)
        text = (
            "SELECT CASE WHEN GROUPING(team_id) = 1 THEN 'company' ELSE 'team' END, "
            f"unit, start, team_id, NULL::bigint, {columns} FROM {TABLE} "
            "WHERE level = 'leaf' AND (unit, start) IN "
            "(SELECT * FROM unnest(%s::text[], %s::date[])) "
            "GROUP BY GROUPING SETS ((unit, start, team_id), (unit, start))"
        )
        units = [span.unit.value for span in spans]
        self._write(Sql(text, (units, [span.start for span in spans])))

    def _write_leaves(self, parts: Sequence[Sql]) -> int:
        names = ", ".join(self.columns)
        values = ", ".join(f"max({column})" for column in self.columns)
        union = Sql.union(parts)
        text = (
            f"SELECT 'leaf', unit, start, team_id, owner_id, {values} "
            f"FROM ({union.text}) AS found (unit, start, team_id, owner_id, {names}) "
            "GROUP BY unit, start, team_id, owner_id"
        )
        return self._write(Sql(text, union.parameters))

    def _write(self, select: Sql) -> int:
        columns = self.columns
        names = ", ".join(columns)
        now = ", ".join(f"{TABLE}.{column}" for column in columns)
        found = ", ".join(f"EXCLUDED.{column}" for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {TABLE} ({KEY}, {names}) {select.text} "
                f"ON CONFLICT ({KEY}) DO UPDATE SET ({names}) = ROW({found}) "
                f"WHERE ROW({now}) IS DISTINCT FROM ROW({found})",
                select.parameters,
            )
            return int(cursor.rowcount)

    def _found(self, source: Source, span: StoredSpan) -> Sql:
        """What a source comes to in a span, by team and owner."""
        found = sql_for(source, span.period(self.calendar), self.currency)
        credited = "team, owner" if source.owner else "team"
        keys = ", ".join(measure.key for measure in source.measures)
        owner = "owner" if source.owner else "NULL::bigint AS owner"
        return Sql(
            f"SELECT %s::text, %s::date, team, {owner}, {self._padded(source)} "
            f"FROM ({found.text}) AS found_{source.population.key} ({credited}, {keys})",
            (span.unit.value, span.start, *found.parameters),
        )

    def _found_in(self, source: Source, spans: Sequence[StoredSpan]) -> Sql:
        """What a source comes to in each of some spans of one unit, by team and owner."""
        unit, starts = spans[0].unit, [span.start for span in spans]
        whole = StoredSpan(unit, max(starts)).period(self.calendar)
        period = Period(min(starts), whole.end, None, self.calendar)
        found = sql_for(source, period, self.currency, unit)
        credited = "team, owner" if source.owner else "team"
        keys = ", ".join(measure.key for measure in source.measures)
        owner = "owner" if source.owner else "NULL::bigint AS owner"
        return Sql(
            f"SELECT %s::text, start, team, {owner}, {self._padded(source)} "
            f"FROM ({found.text}) AS found_{source.population.key} (start, {credited}, {keys}) "
            "WHERE start = ANY(%s)",
            (unit.value, *found.parameters, starts),
        )

    def _padded(self, source: Source | None) -> str:
        own = {measure.key for measure in source.measures} if source else set()
        return ", ".join(c if c in own else "NULL::numeric" for c in self.columns)

    def _known_leaves(self, spans: Sequence[StoredSpan]) -> Sql:
        return Sql(
            f"SELECT unit::text, start, team_id, owner_id, {self._padded(None)} FROM {TABLE} "
            "WHERE level = 'leaf' AND unit = %s AND start = ANY(%s)",
            (spans[0].unit.value, [span.start for span in spans]),
        )

    def _named_leaves(self, leaves: Collection[Leaf]) -> Sql:
        return Sql(
            f"SELECT *, {self._padded(None)} "
            "FROM unnest(%s::text[], %s::date[], %s::bigint[], %s::bigint[])",
            (
                [leaf.span.unit.value for leaf in leaves],
                [leaf.span.start for leaf in leaves],
                [leaf.team for leaf in leaves],
                [leaf.owner for leaf in leaves],
            ),
        )

    def _forget_empty(self, spans: Sequence[StoredSpan]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {TABLE} WHERE unit = %s AND start = ANY(%s) "
                f"AND num_nonnulls({', '.join(self.columns)}) = 0",
                [spans[0].unit.value, [span.start for span in spans]],
            )


def _only(found: Sql, owners: set[int | None]) -> Sql:
    """Those of some owners; the planner takes the condition down to the facts."""
    text = f"SELECT * FROM ({found.text}) AS of_owners WHERE owner = ANY(%s)"
    if None in owners:
        text += " OR owner IS NULL"
    return Sql(text, (*found.parameters, [owner for owner in owners if owner is not None]))
