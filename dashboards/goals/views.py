"""Pages of goals. What the viewer may not see is not found; writes go through actions."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Permission, allowed, require
from dashboards.goals.asking import goal_url, stated_revision, visible
from dashboards.goals.comments import said_on, thread
from dashboards.goals.forms import GoalForm, initial_of, start_of
from dashboards.goals.journeys import journey
from dashboards.goals.rows import Rows
from dashboards.goals.scorecard import scorecard_of
from dashboards.look import Look, look
from kpis.goal_tree import Node, tree_of, walk
from kpis.progress import scope_of, spanned
from kpis.smart import check as smart
from kpis.smart import draft_of, title_of
from periods.labels import label
from pipeline.actions import targets as actions
from pipeline.actions.changing import Stale
from pipeline.models import Target
from pipeline.views.saving import done, told_apart


@require_safe
def goals(request: HttpRequest) -> HttpResponse:
    """The tree of a period, or the customer's journey; the panel alone for htmx."""
    here = look(request)
    view = here.choice("view", ("tree", "journey"))
    may_edit = allowed(here.viewer, Permission.EDIT_TARGETS)
    context: dict[str, Any] = {"view": view, "may_edit": may_edit, "scope": here.scope}
    if view == "journey":
        context["steps"] = journey(here, may_edit=may_edit)
    else:
        nodes = tree_of(here.scope, here.period, viewer=here.viewer, at=here.at, **here.past)
        rows = Rows(here, [node.goal for node in walk(nodes)])
        context["rows"] = rows.tree(nodes)
    name = "panel" if "HX-Request" in request.headers else "page"
    return render(request, f"dashboards/goals/{name}.html", context)


@require_safe
def goal(request: HttpRequest, pk: int) -> HttpResponse:
    """One goal: how far it is, what it is made of, and whether it is SMART."""
    here = look(request)
    found = visible(here, pk)
    node = node_of(found, here)
    below = [each.goal for each in walk(node.children)]
    row = Rows(here, [found, *below]).node(node)
    scope, period = node.progress.scope, node.progress.period
    draft = draft_of(found, scope, period)
    context = {
        "row": row,
        "goal": found,
        "title": title_of(found),
        "thread": thread(here, scope, period, found.kpi, found.filters),
        "findings": smart(draft, viewer=here.viewer, at=here.at, **here.past),
        "may_edit": allowed(here.viewer, Permission.EDIT_TARGETS),
        "may_split": found.user_id is None and node.progress.kpi is not None,
    }
    return render(request, "dashboards/goals/goal.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new goal; the query string may choose KPI, parent and filters."""
    here = look(request)
    require(here.viewer, Permission.EDIT_TARGETS)
    if request.method == "GET":
        start = start_of(here.viewer, here.choices, scope=here.scope, period=here.period)
        form = GoalForm(initial=start, viewer=here.viewer, at=here.at)
        return _form(request, form)
    form = GoalForm(request.POST, viewer=here.viewer, at=here.at)
    if form.is_valid():
        try:
            made = actions.create_target(by=here.viewer, fields=form.changes())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The goal is saved."))
            return redirect(goal_url(made, here))
    return _form(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a goal; a stale one is refused and both versions are shown."""
    here = look(request)
    found = visible(here, pk)
    require(here.viewer, Permission.EDIT_TARGETS)
    initial = initial_of(found, here.viewer)
    options: dict[str, Any] = {
        "viewer": here.viewer,
        "at": here.at,
        "goal": found,
        "initial": initial,
    }
    if request.method == "GET":
        return _form(request, GoalForm(**options), found)
    form = GoalForm(request.POST, **options)
    if form.is_valid():
        try:
            _save(form, found, here)
        except ValidationError as error:
            form.refuse(error)
        except Stale as stale:
            return told_apart(request, stale.current, back=goal_url(found, here))
        else:
            messages.success(request, _("The change is saved."))
            return redirect(goal_url(found, here))
    return _form(request, form, found, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _save(form: GoalForm, found: Target, here: Look) -> None:
    revision = form.cleaned_data["revision"] or 0
    actions.edit_target(target=found, by=here.viewer, revision=revision, changes=form.changes())


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a goal; those that contribute to it stay."""
    here = look(request)
    found = visible(here, pk)
    revision = stated_revision(request)
    back = reverse("dashboards:goals") + here.selection.query()

    def act() -> Target:
        actions.delete_target(target=found, by=here.viewer, revision=revision)
        return found

    return done(request, act, said=_("The goal is deleted."), back=back)


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """The SMART check of what the form has so far, and the goals that it may contribute to."""
    here = look(request)
    require(here.viewer, Permission.EDIT_TARGETS)
    form = GoalForm(request.GET, viewer=here.viewer, at=here.at)
    findings = smart(form.draft(), viewer=here.viewer, at=here.at)
    parent = form["parent"].as_widget(attrs={"hx-swap-oob": "true"})
    context = {"findings": findings, "parent": parent}
    return render(request, "dashboards/goals/smart.html", context)


@require_safe
def scorecard(request: HttpRequest) -> HttpResponse:
    """A person's or team's weighted goals on one printable page."""
    here = look(request)
    card = scorecard_of(here)
    context = {
        "card": card,
        "said": said_on(here, card),
        "thread": thread(here, here.scope, here.period),
        "period": label(here.period, here.style.language),
        "scope": here.scope,
    }
    return render(request, "dashboards/goals/scorecard.html", context)


def node_of(found: Target, here: Look) -> Node:
    """A goal with what contributes to it, in the tree of its own period."""
    period = spanned(found, here.period.calendar)
    scope = scope_of(found, here.viewer)
    nodes = tree_of(scope, period, viewer=here.viewer, at=here.at, **here.past)
    return next(node for node in walk(nodes) if node.goal.pk == found.pk)


def _form(
    request: HttpRequest, form: GoalForm, found: Target | None = None, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "goal": found}
    return render(request, "dashboards/goals/form.html", context, status=status)
