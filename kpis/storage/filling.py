"""Writes stored values: from the facts to the leaves, from the leaves to teams and company.

Everything is one INSERT … SELECT of the measures' own SQL, and only rows that differ are written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from accounts.models import Company
from kpis.models import StoredValue, Unit
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
        found = [self._found(source, spans) for source in self.sources]
        written = self._write_leaves([self._known_leaves(spans), *found])
        self.sums(spans)
        self._forget_empty(spans)
        return written

    def leaves(self, touched: Collection[Leaf]) -> int:
        """Write the values of these leaves and what they add up to; answers how many differed."""
        if not touched:
            return 0
        found = [part for unit in Unit for part in self._found_of(touched, unit)]
        written = self._write_leaves([self._named_leaves(touched), *found])
        self._sums_of_teams({(leaf.span, leaf.team) for leaf in touched})
        self._sums_of_company({leaf.span for leaf in touched})
        return written

    def _found_of(self, touched: Collection[Leaf], unit: Unit) -> Iterator[Sql]:
        """What the owners of some leaves brought in, in all the months or weeks of these at once.

        They are read by owner, who has few of the rows that a month has.
        """
        leaves = [leaf for leaf in touched if leaf.span.unit == unit]
        if leaves:
            spans = sorted({leaf.span for leaf in leaves})
            yield from (_only(self._found(source, spans), leaves) for source in self.sources)

    def sums(self, spans: Collection[StoredSpan]) -> None:
        """Write the rows of the teams and of the company from the leaves."""
        text = (
            f"SELECT 'team', unit, start, team_id, NULL::bigint, {self._summed} FROM {TABLE} "
            f"WHERE level = 'leaf' AND {_IN_SPANS} GROUP BY unit, start, team_id"
        )
        self._write(Sql(text, _listed(spans)))
        self._sums_of_company(spans)

    def _sums_of_teams(self, touched: Collection[tuple[StoredSpan, int | None]]) -> None:
        """Write the rows of some teams; what is credited to none is apart, to be found by index."""
        teams = [(span, team) for span, team in touched if team is not None]
        without = [span for span, team in touched if team is None]
        of_teams = (
            f"SELECT 'team', unit, start, team_id, NULL::bigint, {self._summed} FROM {TABLE} "
            "JOIN unnest(%s::text[], %s::date[], %s::bigint[]) AS touched (unit, start, team_id) "
            "USING (unit, start, team_id) WHERE level = 'leaf' GROUP BY unit, start, team_id"
        )
        of_none = (
            f"SELECT 'team', unit, start, NULL::bigint, NULL::bigint, {self._summed} FROM {TABLE} "
            f"WHERE level = 'leaf' AND team_id IS NULL AND {_IN_SPANS} GROUP BY unit, start"
        )
        of_spans = _listed([span for span, _team in teams])
        self._write(Sql(of_teams, (*of_spans, [team for _span, team in teams])))
        self._write(Sql(of_none, _listed(without)))

    def _sums_of_company(self, spans: Collection[StoredSpan]) -> None:
        text = (
            "SELECT 'company', unit, start, NULL::bigint, NULL::bigint, "
            f"{self._summed} FROM {TABLE} "
            f"WHERE level = 'team' AND {_IN_SPANS} GROUP BY unit, start"
        )
        self._write(Sql(text, _listed(spans)))

    @property
    def _summed(self) -> str:
        return ", ".join(f"sum({column})" for column in self.columns)

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

    def _found(self, source: Source, spans: Sequence[StoredSpan]) -> Sql:
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


_IN_SPANS = "(unit, start) IN (SELECT * FROM unnest(%s::text[], %s::date[]))"


def _listed(spans: Collection[StoredSpan]) -> tuple[list[str], list[date]]:
    return [span.unit.value for span in spans], [span.start for span in spans]


def _only(found: Sql, leaves: Collection[Leaf]) -> Sql:
    """Those of some owners in some spans; the planner takes the conditions down to the facts."""
    owned = [(leaf.owner, leaf.span.start) for leaf in leaves if leaf.owner is not None]
    others = [leaf.span.start for leaf in leaves if leaf.owner is None]
    text = (
        f"SELECT * FROM ({found.text}) AS of_owners "
        f"WHERE owner = ANY(%s) AND {_OWNER_AND_START} = ANY(%s)"
    )
    owners = sorted({owner for owner, _start in owned})
    both = sorted({_owner_and_start(owner, start) for owner, start in owned})
    if not others:
        return Sql(text, (*found.parameters, owners, both))
    text += " OR owner IS NULL AND start = ANY(%s)"
    return Sql(text, (*found.parameters, owners, both, others))


# As one number, which PostgreSQL looks up among many at once.
_OWNER_AND_START = "(owner::bigint * 100000 + (start - DATE '1900-01-01'))"


def _owner_and_start(owner: int, start: date) -> int:
    return owner * 100_000 + (start - date(1900, 1, 1)).days
