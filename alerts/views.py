"""Pages of alert rules and incidents. What the viewer may not see is not found."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Company, User
from accounts.roles import Permission, allowed, require
from alerts import actions
from alerts.entitlement import entitled
from alerts.forms import RuleForm, initial_of, start_of
from alerts.links import explain_path
from alerts.models import AlertRule, Incident, with_open_incidents
from alerts.presentation import (
    Preview,
    differences,
    incident_row,
    previewed,
    rule_row,
    rule_rows,
    timeline,
)
from alerts.reading import Figure, read
from alerts.wording import Words
from pipeline.actions.changing import Stale
from pipeline.views.asking import viewer_of

PAGE = 50
RECENT = 20
BAR = ("scope", "period")
"""What a form takes over from the page it was called from."""


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Open incidents above all rules; the panel alone where a page asks for it again."""
    viewer, words, at = viewer_of(request), Words.here(), timezone.now()
    opened = Incident.objects.visible_to(viewer).open().for_listing()
    rows = rule_rows(_rules(viewer), words)
    context = {
        "incidents": [incident_row(incident, words, at=at) for incident in opened[:PAGE]],
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "may_edit": allowed(viewer, Permission.EDIT_ALERTS),
    }
    return render(request, _template(request, "rules"), context)


@require_safe
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule: what it watches, who is told, and its incidents."""
    viewer, words, at = viewer_of(request), Words.here(), timezone.now()
    found = get_object_or_404(_rules(viewer), pk=pk)
    recipients = list(found.recipients.all())
    told = set(entitled(found, at=at).filter(pk__in=[person.pk for person in recipients]))
    # The rule may have watched a wider scope before.
    recent = Incident.objects.visible_to(viewer).filter(rule=found).for_listing()[:RECENT]
    context = {
        "row": rule_row(found, words),
        "explain_url": explain_path(found, found.period),
        "recipients": [(person, person in told) for person in recipients],
        "incidents": [incident_row(incident, words, at=at) for incident in recent],
        "may_edit": allowed(viewer, Permission.EDIT_ALERTS),
    }
    return render(request, _template(request, "rule"), context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new rule; the query string may choose figure, scope and period."""
    viewer, at = viewer_of(request), timezone.now()
    require(viewer, Permission.EDIT_ALERTS)
    if request.method == "GET":
        chosen = {name: request.GET[name] for name in ("figure", *BAR) if name in request.GET}
        form = RuleForm(initial=start_of(viewer, chosen), viewer=viewer, at=at)
        figure = _present(form, at=at)
        form.initial["threshold"] = form.suggest(figure.value if figure else None)
        return _form(request, form)
    form = RuleForm(request.POST, viewer=viewer, at=at)
    if form.is_valid():
        try:
            made = actions.create_rule(
                by=viewer,
                at=at,
                scope=form.cleaned_data["scope"],
                fields=form.changes(),
                recipients=form.told(),
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The rule is saved. It is evaluated within a minute."))
            return redirect("alerts:rule", pk=made.pk)
    return _form(request, form, status=422)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of an existing rule; a stale one is refused and both versions are shown."""
    viewer, at = viewer_of(request), timezone.now()
    require(viewer, Permission.EDIT_ALERTS)
    found = get_object_or_404(_rules(viewer), pk=pk)
    if request.method == "GET":
        form = RuleForm(initial=initial_of(found), viewer=viewer, at=at)
        return _form(request, form, found)
    form = RuleForm(request.POST, viewer=viewer, at=at)
    if form.is_valid():
        try:
            _save(form, found, viewer, at)
        except ValidationError as error:
            form.refuse(error)
        except Stale:
            found.refresh_from_db()
            return _conflict(request, found, form)
        else:
            messages.success(request, _("The change is saved."))
            return redirect("alerts:rule", pk=pk)
    return _form(request, form, found, status=422)


def _save(form: RuleForm, found: AlertRule, viewer: User, at: datetime) -> None:
    actions.edit_rule(
        rule=found,
        by=viewer,
        at=at,
        revision=form.cleaned_data["revision"] or 0,
        changes=form.changes(),
        scope=form.cleaned_data["scope"],
        recipients=form.told(),
    )


@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause a rule, or let it go on."""
    viewer = viewer_of(request)
    found = get_object_or_404(_rules(viewer), pk=pk)
    active = request.POST.get("active") == "yes"
    try:
        actions.edit_rule(
            rule=found,
            by=viewer,
            at=timezone.now(),
            revision=_revision(request),
            changes={"is_active": active},
        )
    except Stale:
        return _conflict(request, found)
    said = _("The rule is active again.") if active else _("The rule is paused.")
    messages.success(request, said)
    return redirect("alerts:rule", pk=pk)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a rule with its incidents."""
    viewer = viewer_of(request)
    found = get_object_or_404(_rules(viewer), pk=pk)
    try:
        actions.delete_rule(rule=found, by=viewer, revision=_revision(request))
    except Stale:
        return _conflict(request, found)
    messages.success(request, _("The rule is deleted."))
    return redirect("alerts:list")


@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """The present value of what the form has chosen so far, and who may be told.

    A threshold that is still the one that was suggested follows the figure.
    """
    viewer, at = viewer_of(request), timezone.now()
    require(viewer, Permission.EDIT_ALERTS)
    form = RuleForm(request.GET, viewer=viewer, at=at)
    figure = _present(form, at=at)
    context: dict[str, Any] = {}
    typed = request.GET.get("threshold", "")
    if figure and request.GET.get("suggested") == typed != form.suggest(figure.value):
        context["suggested"] = form.suggest(figure.value)
        chosen = request.GET.copy()
        chosen["threshold"] = context["suggested"]
        form = RuleForm(chosen, viewer=viewer, at=at)
        context["threshold"] = form["threshold"].as_widget(attrs={"hx-swap-oob": "true"})
    context |= {"form": form, "preview": _previewed(form, figure)}
    return render(request, "alerts/preview.html", context)


def _present(form: RuleForm, *, at: datetime) -> Figure | None:
    """The figure that a form is about; None while it names none."""
    if {"figure", "scope", "period"} & set(form.errors):
        return None
    calendar = Company.current().calendar
    (figure,) = read([form.subject()], viewer=form.viewer, calendar=calendar, at=at)
    return figure


def _previewed(form: RuleForm, figure: Figure | None) -> Preview | None:
    if figure is None:
        return None
    form.is_valid()
    subject, threshold = form.subject(), form.cleaned_data.get("threshold")
    subject.threshold = threshold or Decimal(0)
    return previewed(subject, figure, Words.here(), typed=threshold is not None)


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """All incidents, open ones first; the panel alone where a page asks for it again."""
    viewer, words, at = viewer_of(request), Words.here(), timezone.now()
    found = Incident.objects.visible_to(viewer).for_listing()
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [incident_row(incident, words, at=at) for incident in page.object_list]
    return render(request, _template(request, "incidents"), {"page": page, "incidents": rows})


@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: what was crossed, how far, what happened when, and who was told."""
    viewer, words = viewer_of(request), Words.here()
    found = get_object_or_404(Incident.objects.visible_to(viewer).for_listing(), pk=pk)
    happenings = timeline(found, words)
    context = {
        "row": incident_row(found, words, at=timezone.now()),
        "figure": words.figure(found),
        "happenings": happenings,
        "explain_url": explain_path(found, happenings[-1].measured if happenings else ""),
        "may_acknowledge": found.is_open
        and found.acknowledged_by is None
        and allowed(viewer, Permission.EDIT_ALERTS),
    }
    return render(request, _template(request, "incident"), context)


@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the viewer looks after an incident."""
    viewer = viewer_of(request)
    found = get_object_or_404(Incident.objects.visible_to(viewer), pk=pk)
    try:
        actions.acknowledge(incident=found, by=viewer, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("alerts:incident", pk=pk)


@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """How many open incidents that the viewer may see nobody looks after yet, for the bell."""
    waiting = Incident.objects.visible_to(viewer_of(request)).unattended().count()
    return render(request, "alerts/count.html", {"count": waiting})


def _rules(viewer: User) -> QuerySet[AlertRule]:
    return with_open_incidents(AlertRule.objects.visible_to(viewer).for_listing())


def _template(request: HttpRequest, name: str) -> str:
    """The page, or its panel alone for htmx."""
    return f"alerts/{name}_panel.html" if "HX-Request" in request.headers else f"alerts/{name}.html"


def _form(
    request: HttpRequest, form: RuleForm, found: AlertRule | None = None, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "rule": found}
    return render(request, "alerts/form.html", context, status=status)


def _revision(request: HttpRequest) -> int:
    try:
        return int(request.POST.get("revision", ""))
    except ValueError as error:
        raise BadRequest(_("Name the revision you read.")) from error


def _conflict(request: HttpRequest, found: AlertRule, form: RuleForm | None = None) -> HttpResponse:
    changes = differences(found, form.changes(), Words.here()) if form else []
    context = {"current_url": reverse("alerts:rule", args=[found.pk]), "changes": changes}
    return render(request, "409.html", context, status=409)
