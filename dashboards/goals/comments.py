"""Comments on a goal, a figure or a scorecard: what is said, and the form to say more."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Permission, allowed, require
from accounts.scope import Scope
from accounts.selection import select
from dashboards.goals.asking import stated_revision
from dashboards.goals.scorecard import Scorecard
from dashboards.look import Look, look
from kpis.actions.comments import add_comment, delete_comment, edit_comment
from kpis.models import Comment
from kpis.models.comments import LONGEST
from periods import Period
from pipeline.actions.changing import Stale
from pipeline.models import Target
from pipeline.views.asking import viewer_of
from pipeline.views.saving import after

RECENT = 200


class CommentForm(forms.Form):
    """What is said."""

    text = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write a comment.")},
    )


@dataclass(frozen=True)
class Thread:
    """What was said about one figure, oldest first, and what a new comment is sent with."""

    comments: Sequence[Comment]
    kpi: str
    scope: str
    period: str
    filters: str
    may_write: bool

    @property
    def query(self) -> str:
        """Names the figure in the address that answers its comments again."""
        figure = {"kpi": self.kpi, "scope": self.scope, "period": self.period}
        return urlencode({**figure, "filters": self.filters})


def thread(
    here: Look,
    scope: Scope,
    period: Period,
    kpi: str = "",
    filters: Mapping[str, str] | None = None,
) -> Thread:
    """The comments on a figure that the viewer sees."""
    said = Comment.objects.visible_to(here.viewer).on(kpi, scope, period, filters or {})
    return Thread(
        comments=list(said[:RECENT]),
        kpi=kpi,
        scope=scope.code,
        period=period.code,
        filters=json.dumps(dict(filters or {})),
        may_write=allowed(here.viewer, Permission.COMMENT),
    )


def said_on(here: Look, card: Scorecard) -> list[tuple[str, list[Comment]]]:
    """What was said on each goal of a scorecard, under its title; from one query."""
    said = Comment.objects.visible_to(here.viewer).of(here.scope, here.period).exclude(kpi="")
    by_figure: dict[tuple[str, str], list[Comment]] = {}
    for comment in said.select_related("author").order_by("created_at", "pk")[:RECENT]:
        by_figure.setdefault(_figure(comment), []).append(comment)
    rows = [line.row for line in card.lines]
    found = [(str(row.kpi), by_figure.get(_figure(row.goal), [])) for row in rows]
    return [(title, comments) for title, comments in found if comments]


def _figure(about: Comment | Target) -> tuple[str, str]:
    return about.kpi, json.dumps(about.filters, sort_keys=True)


@require_safe
def said(request: HttpRequest) -> HttpResponse:
    """What was said about the figure that the query string names; a page's list asks again."""
    here = look(request)
    filters = _filters(request.GET.get("filters", ""))
    found = thread(here, here.scope, here.period, request.GET.get("kpi", ""), filters)
    context = {"thread": found, "comments": found.comments}
    return render(request, "dashboards/goals/comment_list.html", context)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Say something about the figure that `scope`, `period`, `kpi` and `filters` name."""
    viewer = viewer_of(request)
    chosen = select(request.POST, viewer, at=timezone.now())
    form = CommentForm(request.POST)
    back = after(request, reverse("dashboards:goals"))
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["text"])))
        return HttpResponseRedirect(back)
    try:
        add_comment(
            by=viewer,
            at=chosen.at,
            scope=chosen.scope,
            period=chosen.period,
            kpi=request.POST.get("kpi", ""),
            filters=_filters(request.POST.get("filters", "")),
            text=form.cleaned_data["text"],
        )
    except ValidationError as error:
        raise BadRequest(" ".join(error.messages)) from error
    messages.success(request, _("The comment is added."))
    return HttpResponseRedirect(f"{back}#comments")


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of one's own comment."""
    comment = _own(request, pk)
    require(comment.author, Permission.COMMENT)
    form = CommentForm(request.POST or None, initial={"text": comment.text})
    if request.method == "POST" and form.is_valid():
        revision, text = stated_revision(request), form.cleaned_data["text"]

        def act() -> None:
            edit_comment(comment=comment, by=comment.author, revision=revision, text=text)

        return _acted(request, act, said=_("The comment is changed."))
    context = {"form": form, "comment": comment, "next": request.GET.get("next", "")}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "dashboards/goals/comment_form.html", context, status=status)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own comment."""
    comment, revision = _own(request, pk), stated_revision(request)

    def act() -> None:
        delete_comment(comment=comment, by=comment.author, revision=revision)

    return _acted(request, act, said=_("The comment is deleted."))


def _own(request: HttpRequest, pk: int) -> Comment:
    """One of the viewer's own comments; others' are not found here."""
    viewer = viewer_of(request)
    rows = Comment.objects.visible_to(viewer).filter(author=viewer).select_related("author")
    return get_object_or_404(rows, pk=pk)


def _acted(request: HttpRequest, act: Callable[[], None], *, said: str) -> HttpResponse:
    back = after(request, reverse("dashboards:goals"))
    try:
        act()
    except Stale:
        return render(request, "409.html", {"current_url": back}, status=HTTPStatus.CONFLICT)
    messages.success(request, said)
    return HttpResponseRedirect(back)


def _filters(text: str) -> dict[str, str]:
    try:
        filters = json.loads(text or "{}")
        # JSON can name halves of characters, which no text holds.
        json.dumps(filters, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest(str(error)) from error
    if not isinstance(filters, dict) or not all(isinstance(each, str) for each in filters.values()):
        raise BadRequest(_("Name the filters as an object of texts."))
    return filters
