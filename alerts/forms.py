"""The form of an alert rule: what is offered follows from the catalog and the viewer's rights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Company, User
from accounts.roles import allowed
from accounts.scope import COMPANY, home_scope, reach, visible_people, visible_teams
from alerts.entitlement import entitled
from alerts.models import AlertRule, Direction, Severity
from alerts.models.rules import LONGEST_HOLD
from alerts.thresholds import suggested
from charts.numbers import Unit
from kpis.declarations import Journey, Kpi
from kpis.journeys import JOURNEYS
from kpis.registry import all_kpis
from kpis.typed import read_number, typed
from periods.labels import named_label

Choices = list[tuple[Any, Any]]

PERIODS = (
    (
        _("Under way"),
        ("today", "this-week", "this-month", "this-quarter", "this-half", "this-year"),
    ),
    (_("Rolling"), ("last-7-days", "last-30-days", "last-90-days", "last-12-months")),
    (_("Completed"), ("yesterday", "last-week", "last-month", "last-quarter", "last-year")),
)
FIGURE, PERIOD = "won_revenue", "this-quarter"
"""What a rule is about while nothing else is chosen."""
DIRECTIONS = {Direction.BELOW: _("falls below"), Direction.ABOVE: _("rises above")}


class RuleForm(forms.Form):
    """`figure` is a KPI's key, with ":" and a basis where it has several."""

    figure = forms.ChoiceField(label=_("Figure"))
    scope = forms.ChoiceField(label=_("Of whom"))
    period = forms.ChoiceField(label=_("Period"))
    direction = forms.ChoiceField(label=_("Alert when it"), choices=list(DIRECTIONS.items()))
    threshold = forms.CharField(
        label=_("Threshold"),
        max_length=40,
        help_text=_("A value that equals the threshold does not alert."),
    )
    hold_minutes = forms.IntegerField(
        label=_("Only after (minutes)"),
        min_value=0,
        max_value=LONGEST_HOLD,
        required=False,
        help_text=_("0: at once. Longer keeps short swings quiet."),
    )
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    recipients = forms.ModelMultipleChoiceField(
        label=_("Mail to"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only people who may see this figure are offered."),
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, viewer: User, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.viewer = viewer
        self._offer("figure", _figures(viewer))
        self._offer("scope", _scopes(viewer))
        self._offer("period", _periods())
        self.fields["threshold"].widget.attrs.update(
            inputmode="decimal", autocomplete="off", placeholder=_("12.7M or 35, say")
        )
        recipients = self.fields["recipients"]
        assert isinstance(recipients, forms.ModelMultipleChoiceField)
        recipients.queryset = entitled(self.subject(), at=at)

    def _offer(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def subject(self) -> AlertRule:
        """A rule, not saved, on the figure and scope as they are chosen so far."""
        key, _colon, basis = str(self["figure"].value() or "").partition(":")
        kind, _colon, name = str(self["scope"].value() or COMPANY.code).partition(":")
        rule = AlertRule(owner=self.viewer, kpi=key, basis=basis, scope_kind=kind)
        rule.period = str(self["period"].value())
        rule.direction = str(self["direction"].value())
        if kind == "team":
            rule.team = next((t for t in visible_teams(self.viewer) if t.slug == name), None)
        elif kind == "user":
            people = visible_people(self.viewer)
            rule.user = next((person for person in people if str(person.pk) == name), None)
        return rule

    def unit(self) -> Unit:
        """That of the chosen figure."""
        declared = self.subject().declared
        return declared.unit if declared else Unit.COUNT

    def suggest(self, value: Decimal | None) -> str:
        """The threshold that a figure's present value suggests, as it is typed; "" for none."""
        unit = self.unit()
        found = suggested(value, str(self["direction"].value()), unit)
        return "" if found is None else typed(found, unit, language=get_language() or "en")

    def clean_threshold(self) -> Decimal:
        return read_number(self.cleaned_data["threshold"], self.unit())

    def clean_hold_minutes(self) -> int:
        return self.cleaned_data["hold_minutes"] or 0

    def changes(self) -> dict[str, Any]:
        """The rule's own fields as actions take them."""
        key, _colon, basis = self.cleaned_data["figure"].partition(":")
        names = ("period", "direction", "threshold", "hold_minutes", "severity", "name")
        return {"kpi": key, "basis": basis, **{name: self.cleaned_data[name] for name in names}}

    def told(self) -> list[int]:
        """The primary keys of those who get mail."""
        return [person.pk for person in self.cleaned_data["recipients"]]

    def refuse(self, error: ValidationError) -> None:
        """Show what an action found wrong, at the field that it is about."""
        places = {"kpi": "figure", "basis": "figure", "team": "scope", "user": "scope"}
        for name, messages in error.message_dict.items():
            place = places.get(name, name)
            self.add_error(place if place in self.fields else None, messages)


def start_of(viewer: User, chosen: Mapping[str, str]) -> dict[str, Any]:
    """What the form of a new rule starts with: the figure as the viewer came to it, told to them.

    `chosen` may name figure, scope and period; what is not offered is passed over. The rule
    alerts when the figure turns for the worse.
    """
    offered = {"figure": _figures(viewer), "scope": _scopes(viewer), "period": _periods()}
    start = {"figure": FIGURE, "scope": home_scope(viewer).code, "period": PERIOD}
    start |= {name: code for name, code in chosen.items() if code in _codes(offered[name])}
    declared = all_kpis().get(start["figure"].partition(":")[0])
    down_is_bad = declared is None or declared.up_is_good
    return start | {
        "direction": Direction.BELOW if down_is_bad else Direction.ABOVE,
        "severity": Severity.WARNING,
        "hold_minutes": 0,
        "recipients": [viewer.pk],
    }


def initial_of(rule: AlertRule) -> dict[str, Any]:
    """A rule as its form shows it."""
    declared = rule.declared
    unit = declared.unit if declared else Unit.COUNT
    return {
        "figure": figure_code(rule.kpi, rule.basis),
        "scope": rule.scope_code,
        "period": rule.period,
        "direction": rule.direction,
        "threshold": typed(rule.threshold, unit, language=get_language() or "en"),
        "hold_minutes": rule.hold_minutes,
        "severity": rule.severity,
        "name": rule.name,
        "recipients": [person.pk for person in rule.recipients.all()],
        "revision": rule.revision,
    }


def figure_code(kpi: str, basis: str) -> str:
    """What a figure is called in the form's choices, and in the address of a new rule."""
    declared = all_kpis().get(kpi)
    if declared is None or len(declared.bases) == 1:
        return kpi
    return f"{kpi}:{basis or declared.bases[0].key}"


def _figures(viewer: User) -> Choices:
    """The catalog as far as the viewer may see it, by journey."""
    groups: dict[Journey, Choices] = {}
    for kpi in all_kpis().values():
        if kpi.needs is None or allowed(viewer, kpi.needs):
            groups.setdefault(kpi.journey, []).extend(_bases(kpi))
    return [(JOURNEYS[journey], choices) for journey, choices in groups.items()]


def _bases(kpi: Kpi) -> Choices:
    if len(kpi.bases) == 1:
        return [(kpi.key, kpi.label)]
    return [(f"{kpi.key}:{basis.key}", f"{kpi.label} – {basis.label}") for basis in kpi.bases]


def _scopes(viewer: User) -> Choices:
    company = [(COMPANY.code, Company.current().name)] if reach(viewer).everything else []
    teams = [(f"team:{team.slug}", team.name) for team in visible_teams(viewer)]
    people = [
        (f"user:{person.pk}", str(person)) for person in visible_people(viewer) if person.is_active
    ]
    groups: Choices = [(_("Company"), company), (_("Teams"), teams), (_("People"), people)]
    return [(title, choices) for title, choices in groups if choices]


def _codes(groups: Choices) -> set[str]:
    return {code for _title, choices in groups for code, _label in choices}


def _periods() -> Choices:
    language = get_language() or "en"
    return [
        (title, [(code, named_label(code, language)) for code in codes]) for title, codes in PERIODS
    ]
