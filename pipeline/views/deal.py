"""One deal: its page, and what people do with it there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Company, User
from accounts.roles import Permission, allowed, require
from accounts.selection import selection
from pipeline.actions import criteria as act
from pipeline.actions.activities import log_activity
from pipeline.actions.deals import (
    change_process,
    create_deal,
    edit_deal,
    move_deal,
    reassign_deal,
)
from pipeline.actions.leads import first_stage
from pipeline.categories import notice_of
from pipeline.criteria import Checks
from pipeline.dwell import usual_days
from pipeline.forms.deals import (
    ActivityForm,
    DealForm,
    MoveForm,
    NewDealForm,
    NextStepForm,
    ProcessForm,
    ReassignForm,
    RevisionForm,
    TickForm,
)
from pipeline.models import Category, Deal, Lead, LostReason, Outcome, SalesProcess, Stage
from pipeline.risks import missing_for_next_stage, risks_of
from pipeline.timeline import timeline_of
from pipeline.views.asking import seen, viewer_of
from pipeline.views.saving import Press, Undo, after, checked, done, form_page
from pipeline.views.showing import fact_page


def deal_url(deal: Deal) -> str:
    return reverse("pipeline:deal", args=[deal.pk])


def _seen(request: HttpRequest, pk: int) -> Deal:
    deal: Deal = seen(Deal.objects.for_listing().select_related("stage__process"), request, pk)
    return deal


@require_GET
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    """A deal's page; its inner part alone where the page asks for it again."""
    shown = _seen(request, pk)
    facts = "deal dealline customer activity tick"
    context = _context(request, shown)
    return fact_page(request, shown, name="deal", facts=facts, context=context)


def _context(request: HttpRequest, shown: Deal) -> dict[str, Any]:
    viewer, now = viewer_of(request), selection(request).at
    today = Company.current().calendar.business_day(now)
    stages = list(shown.stage.process.stages.all())
    usual = usual_days(shown.stage.process, at=now).get(shown.stage_id)
    may_work = allowed(viewer, Permission.WORK_DEALS)
    is_open = shown.outcome == Outcome.OPEN
    return {
        "steps": [stage for stage in stages if stage.outcome == Outcome.OPEN],
        "won": next((stage for stage in stages if stage.outcome == Outcome.WON), None),
        "lost": next((stage for stage in stages if stage.outcome == Outcome.LOST), None),
        "age": shown.age_in_stage(now),
        "usual": usual,
        "forecast": Category(shown.forecast_category).label,
        "stage_s_forecast": Category(shown.stage.category).label,
        "risks": risks_of(shown, today=today, at=now, usual=usual),
        "step_is_late": bool(shown.next_step_on and shown.next_step_on < today),
        **_checks(shown, stages, now),
        "lines": shown.lines.select_related("product"),
        "lead": _lead_of(shown, viewer),
        "entries": timeline_of(shown, until=now),
        "lost_reasons": LostReason.choices,
        "may_work": may_work,
        "may_change_process": may_work and is_open and SalesProcess.objects.count() > 1,
        "may_reassign": is_open and allowed(viewer, Permission.REASSIGN),
        "activity_form": ActivityForm(),
        "reassign_form": ReassignForm(viewer=viewer, initial=_at_revision(shown)),
    }


def _checks(shown: Deal, stages: list[Stage], at: datetime) -> dict[str, Any]:
    """The checklists of an open deal, its own stage's first, and what the next step waits for."""
    if shown.outcome != Outcome.OPEN:
        return {"missing": [], "checklists": []}
    checks = Checks.read([shown.pk], shown.stage.process_id, at=at)
    here = checks.of(shown.pk, shown.stage_id)
    others = [each for each in stages if each.pk != shown.stage_id]
    lists = [(stage, checks.of(shown.pk, stage.pk)) for stage in (shown.stage, *others)]
    return {
        "missing": [*missing_for_next_stage(shown), *(each.label for each in here.missing)],
        "checklists": [(stage, found) for stage, found in lists if found.checks],
    }


def _lead_of(shown: Deal, viewer: User) -> Lead | None:
    """The lead that became this deal, where the viewer may open it."""
    lead: Lead | None = Lead.objects.visible_to(viewer).filter(deal=shown).first()
    return lead


def _at_revision(shown: Deal) -> dict[str, Any]:
    return {"revision": shown.revision, "owner": shown.owner_id}


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new deal, and the deal made from it."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_DEALS)
    start = {"customer": request.GET.get("customer"), "currency": Company.current().currency}
    form = NewDealForm(request.POST or None, viewer=viewer, initial=start)
    return form_page(
        request,
        form,
        lambda: _create(form, viewer),
        deal_url,
        title=_("New deal"),
        back=reverse("pipeline:board"),
    )


def _create(form: NewDealForm, viewer: User) -> Deal:
    return create_deal(
        by=viewer,
        at=timezone.now(),
        owner=form.cleaned_data.get("owner") or viewer,
        stage=form.cleaned_data["stage"] or first_stage(),
        fields=form.changes(),
    )


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of what is known about a deal."""
    return _edited(request, _seen(request, pk), DealForm, viewer=viewer_of(request))


@require_http_methods(["GET", "POST"])
def next_step(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of what comes next, alone."""
    return _edited(request, _seen(request, pk), NextStepForm)


@require_http_methods(["GET", "POST"])
def process(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of the stage in which a deal goes on in another sales process."""
    shown, viewer = _seen(request, pk), viewer_of(request)
    require(viewer, Permission.WORK_DEALS)
    form = ProcessForm(request.POST or None, instance=shown)
    return form_page(
        request,
        form,
        lambda: change_process(
            deal=shown,
            to=form.cleaned_data["stage"],
            by=viewer,
            revision=form.cleaned_data["revision"] or 0,
            at=timezone.now(),
        ),
        deal_url,
        title=_("Another sales process"),
        back=deal_url(shown),
        submit=_("Go on there"),
    )


def _edited(request: HttpRequest, shown: Deal, form_class: Any, **options: Any) -> HttpResponse:
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_DEALS)
    form = form_class(request.POST or None, instance=shown, **options)
    return form_page(
        request,
        form,
        lambda: _edit(form, shown, viewer),
        deal_url,
        title=shown.name,
        back=deal_url(shown),
    )


def _edit(form: Any, shown: Deal, viewer: User) -> Deal:
    revision = form.cleaned_data["revision"] or 0
    return edit_deal(deal=shown, by=viewer, revision=revision, changes=form.changes())


@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a deal into another stage: on, back, won, lost or open again."""
    shown, form = _seen(request, pk), MoveForm(request.POST)
    chosen = checked(form)
    before = {"stage": shown.stage_id, "lost_reason": shown.lost_reason}
    counted_as = shown.forecast_category

    def said(moved: Deal) -> str:
        where = {"deal": shown, "stage": moved.stage.label}
        return " ".join((_("%(deal)s is now in %(stage)s.") % where, notice_of(moved, counted_as)))

    return done(
        request,
        lambda: move_deal(
            deal=shown,
            to=chosen["stage"],
            by=viewer_of(request),
            revision=chosen["revision"],
            at=timezone.now(),
            lost_reason=chosen["lost_reason"],
            amount=chosen["amount"],
        ),
        said=said,
        back=deal_url(shown),
        undo=lambda moved: _moved_back(moved, before),
    )


def _moved_back(moved: Deal, before: dict[str, Any]) -> Undo:
    """The move to the stage before, with the reason if the deal was lost there."""
    body = {name: value for name, value in before.items() if value}
    url = reverse("deal-move", args=[moved.pk])
    other = _with_category(moved, "") if moved.keeps_own_category else None
    return {"url": url, "body": {**body, "revision": moved.revision}, "other": other}


def _with_category(deal: Deal, category: str) -> Press:
    """The request that gives a deal a category of its own, or none."""
    return {
        "text": _("Take the stage's"),
        "url": reverse("deal-detail", args=[deal.pk]),
        "method": "PATCH",
        "body": {"category": category, "revision": deal.revision},
    }


def _back_to(deal: Deal, category: str) -> Undo:
    request = _with_category(deal, category)
    return {"url": request["url"], "method": request["method"], "body": request["body"]}


@require_POST
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a deal count as its stage does, instead of by a category of its own."""
    shown, chosen = _seen(request, pk), checked(RevisionForm(request.POST))
    own, revision = shown.category, chosen["revision"]
    return done(
        request,
        lambda: edit_deal(
            deal=shown, by=viewer_of(request), revision=revision, changes={"category": ""}
        ),
        said=lambda edited: notice_of(edited, own) or _("It counts as its stage does."),
        back=deal_url(shown),
        undo=lambda edited: _back_to(edited, own),
    )


@require_GET
def criteria(request: HttpRequest, pk: int) -> HttpResponse:
    """A deal's exit criteria, beside the board or on a page of their own."""
    return _criteria(request, _seen(request, pk))


def _criteria(request: HttpRequest, shown: Deal) -> HttpResponse:
    context = {"deal": shown, "may_work": allowed(viewer_of(request), Permission.WORK_DEALS)}
    stages = list(shown.stage.process.stages.all())
    context |= _checks(shown, stages, selection(request).at)
    inner = "HX-Request" in request.headers
    name = "criteria_beside" if inner else "criteria_page"
    return render(request, f"pipeline/deals/{name}.html", context)


@require_POST
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a criterion is met, or is not; answers with what showed it."""
    shown, chosen = _seen(request, pk), checked(TickForm(request.POST))
    act.tick(deal=shown, by=viewer_of(request), at=timezone.now(), **chosen)
    if request.headers.get("HX-Target") == "deal":
        return render(
            request, "pipeline/deals/body.html", {"deal": shown, **_context(request, shown)}
        )
    if "HX-Request" not in request.headers:
        return HttpResponseRedirect(after(request, deal_url(shown)))
    answer = _criteria(request, shown)
    answer["HX-Trigger"] = "undone"
    return answer


@require_POST
def reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a deal to another owner."""
    shown, viewer = _seen(request, pk), viewer_of(request)
    chosen = checked(ReassignForm(request.POST, viewer=viewer))
    return done(
        request,
        lambda: reassign_deal(
            deal=shown,
            to=chosen["owner"],
            by=viewer,
            revision=chosen["revision"],
            at=timezone.now(),
        ),
        said=_("%(owner)s takes %(deal)s over.") % {"owner": chosen["owner"], "deal": shown},
        back=deal_url(shown),
    )


@require_POST
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Note a contact about a deal."""
    shown, form = _seen(request, pk), ActivityForm(request.POST)
    chosen = checked(form)
    kind = chosen["kind"]
    return done(
        request,
        lambda: log_activity(
            by=viewer_of(request),
            at=timezone.now(),
            deal=shown,
            kind=kind,
            subject=chosen["subject"],
            note=chosen["note"],
        ),
        said=_("Noted."),
        back=deal_url(shown),
    )
