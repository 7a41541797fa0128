"""Goals put into words, for the tree, the journey, a goal's page and the scorecard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from charts.numbers import Unit
from dashboards.look import Look
from dashboards.wording import BAD, GOOD, exact, paced, share, written
from kpis.goal_tree import Node, Sum
from kpis.progress import Progress, Standing, spanned
from kpis.smart import title_of
from periods.labels import label
from pipeline.models import DealKind, Product, SizeBand, Source, Target

WHOLE = Decimal(1)
STANDINGS = {
    Standing.REACHED: (gettext_lazy("Reached"), GOOD),
    Standing.MISSED: (gettext_lazy("Missed"), BAD),
    Standing.OPEN: (gettext_lazy("Not there yet"), ""),
    Standing.FUTURE: (gettext_lazy("Not begun"), ""),
    Standing.EMPTY: (gettext_lazy("Nothing was measured"), ""),
    Standing.UNKNOWN: (gettext_lazy("Not in the catalog"), BAD),
}
DIMENSIONS = {
    "team": gettext_lazy("Team"),
    "rep": gettext_lazy("Rep"),
    "industry": gettext_lazy("Industry"),
    "size": gettext_lazy("Size"),
    "region": gettext_lazy("Region"),
    "source": gettext_lazy("Source"),
    "product": gettext_lazy("Product"),
    "stage": gettext_lazy("Stage"),
    "kind": gettext_lazy("Kind"),
}


@dataclass(frozen=True)
class GoalRow:
    """One goal, ready to read; `gap` says where its parts do not add up to it."""

    progress: Progress
    kpi: Any
    scope: str
    period: str
    url: str
    value: str
    value_url: str
    target: str
    attained: str
    meter: Decimal | None
    mark: Decimal | None
    standing: str
    kind: str
    filters: str = ""
    is_kgi: bool = False
    parent: str = ""
    parent_url: str = ""
    gaps: list[str] = field(default_factory=list)
    sums: list[str] = field(default_factory=list)
    children: list[GoalRow] = field(default_factory=list)
    same_kpi: bool = False

    @property
    def goal(self) -> Target:
        return self.progress.goal


def _meter(progress: Progress) -> Decimal | None:
    """How full, in percent."""
    filled = progress.attainment if progress.used is None else progress.used
    return None if filled is None else min(filled, WHOLE) * 100


class Rows:
    """Puts goals into the words of one look; the names of filters are read once."""

    def __init__(self, look: Look, goals: list[Target]) -> None:
        self.look = look
        self.names = _names_of_filters(goals)

    def tree(self, nodes: list[Node], *, above: Target | None = None) -> list[GoalRow]:
        """The rows of these nodes with those below them."""
        return [self.node(node, above=above) for node in nodes]

    def node(self, node: Node, *, above: Target | None = None) -> GoalRow:
        """One node's row; its parent is named where it does not stand above it."""
        parent = node.goal.parent if above is None else None
        return self.row(
            node.progress,
            parent=_named_parent(parent, self.look) if parent else "",
            parent_url=self._url(parent) if parent else "",
            gaps=[words for words in self._gaps(node) if words],
            sums=[words for words in self._sums(node) if words],
            children=self.tree(node.children, above=node.goal),
            same_kpi=above is not None and above.kpi == node.goal.kpi,
        )

    def row(self, progress: Progress, **more: Any) -> GoalRow:
        """A goal's row, without what is around it."""
        goal, unit = progress.goal, progress.kpi.unit if progress.kpi else Unit.COUNT
        standing, kind = self._standing(progress)
        pace = progress.pace
        return GoalRow(
            progress=progress,
            kpi=progress.kpi.label if progress.kpi else goal.kpi,
            scope=progress.scope.label,
            period=label(progress.period, self.look.style.language),
            url=self._url(goal),
            value=written(progress.value, unit, self.look.style),
            value_url=self._value_url(progress),
            target=written(goal.value, unit, self.look.style),
            attained=self._attained(progress),
            meter=_meter(progress),
            mark=None if pace is None else progress.period.share_gone(progress.at) * 100,
            standing=standing,
            kind=kind,
            filters=self.filters(goal),
            is_kgi=goal.parent_id is None,
            **more,
        )

    @property
    def style(self) -> Any:
        return self.look.style

    def filters(self, goal: Target) -> str:
        """ "Region: overseas", or ""."""
        return ", ".join(
            f"{DIMENSIONS.get(name, name)}: {self.names.get((name, value), value)}"
            for name, value in sorted(goal.filters.items())
        )

    def _url(self, goal: Target) -> str:
        return reverse("dashboards:goal", args=[goal.pk]) + self.look.selection.query()

    def _value_url(self, progress: Progress) -> str:
        if progress.answer is None or progress.kpi is None:
            return ""
        here = {"scope": progress.scope.code, "period": progress.period.code}
        return self.look.explain_url(progress.kpi, **here, **progress.goal.filters)

    def _standing(self, progress: Progress) -> tuple[str, str]:
        if progress.standing in STANDINGS:
            words, kind = STANDINGS[progress.standing]
            return str(words), kind
        pace = progress.pace or Decimal(0)
        return paced(pace, self.style, is_limit=progress.used is not None)

    def _attained(self, progress: Progress) -> str:
        if progress.used is not None:
            return _("%(share)s of the limit") % {"share": share(progress.used, self.style)}
        return "" if progress.attainment is None else share(progress.attainment, self.style)

    def _gaps(self, node: Node) -> list[str]:
        return [self._gap(node, node.parts), self._time_gap(node, node.by_time)]

    def _gap(self, node: Node, parts: Sum | None) -> str:
        if parts is None or not parts.difference:
            return ""
        return self._apart(node, parts) % {**self._numbers(node, parts)}

    def _apart(self, _node: Node, parts: Sum) -> str:
        if parts.difference > 0:
            return ngettext(
                "%(count)s part comes to %(total)s, %(apart)s more than this goal",
                "%(count)s parts come to %(total)s, %(apart)s more than this goal",
                parts.count,
            )
        return ngettext(
            "%(count)s part comes to %(total)s, %(apart)s less than this goal",
            "%(count)s parts come to %(total)s, %(apart)s less than this goal",
            parts.count,
        )

    def _time_gap(self, node: Node, parts: Sum | None) -> str:
        if parts is None or not parts.difference:
            return ""
        if parts.difference > 0:
            said = _("Its shorter periods come to %(total)s, %(apart)s more than this goal")
        else:
            said = _("Its shorter periods come to %(total)s, %(apart)s less than this goal")
        return said % self._numbers(node, parts)

    def _sums(self, node: Node) -> list[str]:
        """Where the parts do add up, so that the reader need not wonder."""
        parts = node.parts
        if parts is None or parts.difference:
            return []
        said = ngettext(
            "%(count)s part adds up to this goal",
            "%(count)s parts add up to this goal",
            parts.count,
        )
        return [said % self._numbers(node, parts)]

    def _numbers(self, node: Node, parts: Sum) -> dict[str, Any]:
        unit = node.progress.kpi.unit if node.progress.kpi else Unit.COUNT
        return {
            "count": parts.count,
            "total": exact(parts.total, unit, self.style),
            "apart": exact(abs(parts.difference), unit, self.style),
        }


def goal_row(progress: Progress, look: Look, **more: Any) -> GoalRow:
    """One goal by itself."""
    return Rows(look, [progress.goal]).row(progress, **more)


def _named_parent(parent: Target, look: Look) -> str:
    period = spanned(parent, look.period.calendar)
    return f"{title_of(parent)} · {label(period, look.style.language)}"


def _names_of_filters(goals: list[Target]) -> Mapping[tuple[str, str], str]:
    """What filters by a code or id are called."""
    wanted = {(name, value) for goal in goals for name, value in goal.filters.items()}
    names = {("size", str(key)): str(text) for key, text in SizeBand.choices}
    names |= {("kind", str(key)): str(text) for key, text in DealKind.choices}
    for dimension, model in (("source", Source), ("product", Product)):
        ids = [value for name, value in wanted if name == dimension and value.isdecimal()]
        rows: Iterable[Any] = model._default_manager.filter(pk__in=ids) if ids else []
        names |= {(dimension, str(row.pk)): str(row) for row in rows}
    return names
