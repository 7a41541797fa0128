"""The form of a goal: what is offered follows from the catalog and the viewer's rights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, Team, User
from accounts.scope import (
    COMPANY,
    BadScope,
    OutsideScope,
    Scope,
    ScopeKind,
    reach,
    resolve,
    visible_people,
)
from charts.numbers import Unit
from kpis.declarations import Journey
from kpis.goal_rules import check_filters
from kpis.journeys import JOURNEYS
from kpis.progress import may_see, scope_of, spanned
from kpis.registry import all_kpis
from kpis.smart import Draft, title_of
from kpis.typed import read_number, typed
from periods import Grain, Period, PeriodError
from periods.labels import label
from pipeline.models import Customer, DealKind, Product, SizeBand, Source, Target

Choices = list[tuple[Any, Any]]
AHEAD = {Grain.YEAR: 2, Grain.HALF: 3, Grain.QUARTER: 5, Grain.MONTH: 7}
"""How many periods of each length are offered, the running one first."""
GRAINS = {
    Grain.YEAR: _("Year"),
    Grain.HALF: _("Half"),
    Grain.QUARTER: _("Quarter"),
    Grain.MONTH: _("Month"),
}
NARROW = ("region", "industry", "size", "source", "product", "kind")
"""The filters that the form knows; others, set through the API, stay as they are."""
SUGGESTED = 100


class GoalChoice(forms.ModelChoiceField):  # type: ignore[type-arg] # not generic at runtime
    """A choice among goals, each by its KPI, owner and period."""

    def label_from_instance(self, obj: Any) -> str:
        period = label(spanned(obj, Company.current().calendar), get_language() or "en")
        return f"{title_of(obj)} · {period}"


class GoalForm(forms.Form):
    """A goal as people write it; `changes` are the fields of its action."""

    kpi = forms.ChoiceField(label=_("KPI"))
    scope = forms.ChoiceField(label=_("Whose goal"))
    period = forms.ChoiceField(label=_("Period"))
    value = forms.CharField(label=_("Value to reach"), max_length=40)
    weight = forms.DecimalField(
        label=_("Weight"),
        min_value=0,
        max_digits=6,
        decimal_places=2,
        initial=1,
        required=False,
        help_text=_("How much it counts on the scorecard."),
    )
    parent = GoalChoice(
        Target.objects.none(),
        label=_("Contributes to"),
        required=False,
        empty_label=_("Nothing: it is a KGI"),
    )
    region = forms.CharField(label=_("Region"), max_length=200, required=False)
    industry = forms.CharField(label=_("Industry"), max_length=200, required=False)
    size = forms.ChoiceField(label=_("Size"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    product = forms.ChoiceField(label=_("Product"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        viewer: User,
        at: datetime,
        goal: Target | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.viewer, self.at, self.goal = viewer, at, goal
        self.calendar = Company.current().calendar
        self._offer("kpi", figures(viewer))
        self._offer("scope", scopes(viewer))
        self._offer("period", self._periods())
        self._offer("size", [("", "–"), *SizeBand.choices])
        self._offer("kind", [("", "–"), *DealKind.choices])
        self._offer("source", _rows(Source.objects.all()))
        self._offer("product", _rows(Product.objects.all()))
        self._offer_parents()
        self.fields["value"].widget.attrs.update(
            inputmode="decimal", autocomplete="off", placeholder=_("12.7M or 35, say")
        )
        for name in ("region", "industry"):
            self.fields[name].widget.attrs.update(list=f"{name}-values", autocomplete="off")

    def _offer(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _periods(self) -> Choices:
        """Periods that run or come, by length; the one that is set already first."""
        groups: Choices = []
        today = self.calendar.business_day(self.at)
        language = get_language() or "en"
        for grain, count in AHEAD.items():
            found = [Period.containing(today, grain, self.calendar)]
            while len(found) < count:
                found.append(found[-1].next())
            groups.append((GRAINS[grain], [(each.code, label(each, language)) for each in found]))
        codes = {code for _name, group in groups for code, _label in group}
        kept = self._parsed(str(self.initial.get("period", "")))
        if kept is not None and kept.code not in codes:
            groups.insert(0, (kept.code, label(kept, language)))
        return groups

    def _offer_parents(self) -> None:
        field = self.fields["parent"]
        assert isinstance(field, GoalChoice)
        rows = Target.objects.visible_to(self.viewer).filter(user=None)
        period = self._parsed(str(self["period"].value() or ""))
        if period is not None:
            rows = rows.filter(start__lte=period.start, end__gte=period.end)
        if self.goal is not None:
            rows = rows.exclude(pk=self.goal.pk)
        seen = [kpi for kpi in all_kpis() if may_see(kpi, self.viewer)]
        field.queryset = (
            rows.filter(kpi__in=seen)
            .select_related("team", "user")
            .order_by(F("team__name").asc(nulls_first=True), "start", "-end", "kpi")
        )

    def _parsed(self, code: str) -> Period | None:
        try:
            return self.calendar.parse(code, at=self.at) if code else None
        except PeriodError:
            return None

    @property
    def unit(self) -> Unit:
        declared = all_kpis().get(str(self["kpi"].value() or ""))
        return declared.unit if declared else Unit.COUNT

    @property
    def suggestions(self) -> dict[str, list[str]]:
        """Regions and industries of the customers that the viewer sees."""
        seen = Customer.objects.visible_to(self.viewer)
        return {
            name: list(
                seen.exclude(**{name: ""}).order_by(name).values_list(name, flat=True).distinct()
            )[:SUGGESTED]
            for name in ("region", "industry")
        }

    def clean_value(self) -> Decimal:
        value = read_number(self.cleaned_data["value"], self.unit)
        if value < 0:
            raise ValidationError(_("Enter a value of zero or more."))
        return value

    def clean_weight(self) -> Decimal:
        weight: Decimal | None = self.cleaned_data["weight"]
        return Decimal(1) if weight is None else weight

    def clean(self) -> dict[str, Any]:
        self._check_filters()
        return self.cleaned_data

    def _check_filters(self) -> None:
        for name in NARROW:
            value = self.cleaned_data.get(name)
            try:
                check_filters(str(self["kpi"].value()), {name: value} if value else {})
            except ValidationError as error:
                self.add_error(name, error.messages)

    def filters(self) -> dict[str, str]:
        """The chosen filters; those that only the API sets stay."""
        kept = {
            name: value
            for name, value in (self.goal.filters if self.goal else {}).items()
            if name not in NARROW
        }
        chosen = {name: self.cleaned_data.get(name) or "" for name in NARROW}
        return kept | {name: value for name, value in chosen.items() if value}

    def draft(self) -> Draft:
        """The goal as far as it is written."""
        self.is_valid()
        typed_so_far = self.cleaned_data
        return Draft(
            kpi=str(self["kpi"].value() or ""),
            scope=resolved(str(self["scope"].value() or ""), self.viewer),
            period=self._parsed(str(self["period"].value() or "")),
            value=typed_so_far.get("value"),
            filters={name: str(self[name].value()) for name in NARROW if self[name].value()},
            parent=typed_so_far.get("parent"),
        )

    def changes(self) -> dict[str, Any]:
        """The goal's fields as actions take them."""
        scope = resolve(self.cleaned_data["scope"], self.viewer)
        period = self.calendar.parse(self.cleaned_data["period"], at=self.at)
        names = ("kpi", "value", "weight", "parent")
        return {
            **{name: self.cleaned_data[name] for name in names},
            **credit_of(scope),
            "start": period.start,
            "end": period.end,
            "filters": self.filters(),
        }

    def refuse(self, error: ValidationError) -> None:
        """Show what an action found wrong, at the field that it is about."""
        places = {"team": "scope", "user": "scope", "start": "period", "end": "period"}
        by_name = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, said in by_name.items():
            place = places.get(name, name)
            known = place in self.fields and name != NON_FIELD_ERRORS
            self.add_error(place if known else None, said)


def credit_of(scope: Scope) -> dict[str, Team | User | None]:
    """The columns of a target that name its scope."""
    is_team, is_user = scope.kind is ScopeKind.TEAM, scope.kind is ScopeKind.USER
    return {
        "team": Team.objects.get(pk=scope.id) if is_team else None,
        "user": User.objects.get(pk=scope.id) if is_user else None,
    }


def resolved(code: str, viewer: User) -> Scope | None:
    """The scope of a code; None where it is none of the viewer's."""
    try:
        return resolve(code, viewer)
    except (BadScope, OutsideScope):
        return None


def start_of(viewer: User, chosen: Mapping[str, str], *, scope: Scope, period: Period) -> Any:
    """What the form of a new goal starts with: the page's scope and period."""
    start = {"kpi": "won_revenue", "scope": scope.code, "period": period.code, "weight": 1}
    known = {"kpi", "parent", *NARROW}
    if chosen.get("kpi") and not may_see(chosen["kpi"], viewer):
        known -= {"kpi"}
    return start | {name: value for name, value in chosen.items() if name in known and value}


def initial_of(goal: Target, viewer: User) -> dict[str, Any]:
    """A goal as its form shows it."""
    declared = all_kpis().get(goal.kpi)
    unit = declared.unit if declared else Unit.COUNT
    narrowed = {name: value for name, value in goal.filters.items() if name in NARROW}
    return narrowed | {
        "kpi": goal.kpi,
        "scope": scope_of(goal, viewer).code,
        "period": spanned(goal, Company.current().calendar).code,
        "value": typed(goal.value, unit, language=get_language() or "en"),
        "weight": f"{goal.weight.normalize():f}",
        "parent": goal.parent_id,
        "revision": goal.revision,
    }


def figures(viewer: User) -> Choices:
    """The catalog as far as the viewer may see it, by journey; a goal is its own target."""
    groups: dict[Journey, Choices] = {}
    for kpi in all_kpis().values():
        if may_see(kpi.key, viewer) and not kpi.of_other:
            groups.setdefault(kpi.journey, []).append((kpi.key, kpi.label))
    return [(JOURNEYS[journey], choices) for journey, choices in groups.items()]


def scopes(viewer: User) -> Choices:
    """Company, teams as a tree, and people, as far as the viewer sees them."""
    mine = reach(viewer)
    company = [(COMPANY.code, Company.current().name)] if mine.everything else []
    teams = [
        (f"team:{team.slug}", f"{'  ' * depth}{team.name}")
        for team, depth in mine.tree.walk()
        if mine.everything or team.pk in mine.team_ids
    ]
    people = [
        (f"user:{person.pk}", str(person))
        for person in visible_people(viewer).filter(is_active=True)
    ]
    return [*company, (_("Teams"), teams), (_("People"), people)]


def _rows(rows: Any) -> Choices:
    return [("", "–"), *((str(row.pk), str(row)) for row in rows)]
