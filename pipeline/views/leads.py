"""Leads: their list by status, their pages, and what people do with them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Company, User
from accounts.roles import Permission, allowed, require
from accounts.selection import selection
from pipeline.actions.activities import log_activity
from pipeline.actions.leads import convert_lead, create_lead, edit_lead, set_status
from pipeline.exports import FORMATS, export
from pipeline.forms.deals import ActivityForm
from pipeline.forms.leads import ConvertForm, LeadFilterForm, LeadForm, NewLeadForm, StatusForm
from pipeline.models import Customer, Deal, Lead, LeadStatus
from pipeline.timeline import timeline_of
from pipeline.views.asking import seen, viewer_of
from pipeline.views.deal import deal_url
from pipeline.views.listing import as_now, list_context, local, ordered, page_of
from pipeline.views.saving import checked, done, form_page
from pipeline.views.showing import fact_page

SORTS = {
    "name": "company_name",
    "source": "source__name",
    "age": "created_at",
    "owner": "owner__name",
}
REVERSED = frozenset({"age"})
WAITING = (LeadStatus.NEW, LeadStatus.WORKING)


@require_GET
def leads(request: HttpRequest) -> HttpResponseBase:
    """Leads of the bar's scope with one status; those still to be worked unless told."""
    form = LeadFilterForm(request.GET)
    found = _found(request, form)
    tabs = _tabs(found)
    status = request.GET.get("status", "")
    status = status if status in LeadStatus.values else _first_to_work(tabs)
    rows = ordered(request, found.filter(status=status), SORTS, "-created_at", reverse=REVERSED)
    if request.GET.get("export") in FORMATS:
        lines = as_now(iter(_line(lead) for lead in rows.iterator(chunk_size=2000)))
        return export("leads", _header(), lines, file_format=request.GET["export"])
    context = {
        **list_context(
            request,
            page_of(request, rows),
            form,
            name="leads",
            title=_("Leads"),
            new=("pipeline:lead-new", _("New lead")),
            keep=("status",),
        ),
        "tabs": tabs,
        "status": status,
        "waits": status in WAITING,
    }
    return render(request, "pipeline/leads/list.html", context)


def _found(request: HttpRequest, form: LeadFilterForm) -> QuerySet[Any]:
    chosen = form.chosen()
    rows = Lead.objects.visible_to(viewer_of(request)).in_scope(selection(request).scope)
    if "source" in chosen:
        rows = rows.filter(source=chosen["source"])
    if "size" in chosen:
        rows = rows.filter(size_band=chosen["size"])
    if "q" in chosen:
        text = chosen["q"]
        rows = rows.filter(Q(company_name__icontains=text) | Q(name__icontains=text))
    return rows.select_related("owner", "source")


def _tabs(found: QuerySet[Any]) -> list[dict[str, Any]]:
    counts = dict(found.order_by().values_list("status").annotate(Count("pk")))
    return [
        {"status": value, "label": label, "count": counts.get(value, 0)}
        for value, label in LeadStatus.choices
    ]


def _first_to_work(tabs: list[dict[str, Any]]) -> str:
    """The first status with leads that wait for somebody; new ones where none do."""
    waiting = (tab["status"] for tab in tabs if tab["count"] and tab["status"] in WAITING)
    return next(waiting, LeadStatus.NEW.value)


def _header() -> list[str]:
    return [
        _("Company"),
        _("Contact"),
        _("Status"),
        _("Source"),
        _("Owner"),
        _("Industry"),
        _("Size"),
        _("Region"),
        _("Created"),
    ]


def _line(lead: Lead) -> list[Any]:
    return [
        lead.company_name,
        lead.name,
        lead.get_status_display(),
        lead.source and lead.source.label,
        lead.owner and str(lead.owner),
        lead.industry,
        lead.get_size_band_display(),
        lead.region,
        local(lead.created_at),
    ]


def lead_url(lead: Lead) -> str:
    return reverse("pipeline:lead", args=[lead.pk])


def _seen(request: HttpRequest, pk: int) -> Lead:
    rows = Lead.objects.select_related("owner", "team", "source", "customer", "deal")
    lead: Lead = seen(rows, request, pk)
    return lead


@require_GET
def lead(request: HttpRequest, pk: int) -> HttpResponse:
    """A lead's page; its inner part alone where the page asks for it again."""
    shown, viewer, now = _seen(request, pk), viewer_of(request), selection(request).at
    context = {
        "deal": Deal.objects.visible_to(viewer).filter(pk=shown.deal_id).first(),
        "age": (now - shown.created_at).days,
        "entries": timeline_of(shown, until=now),
        "activity_form": ActivityForm(),
        "may_work": allowed(viewer, Permission.WORK_DEALS),
        "is_open": shown.status in WAITING,
    }
    return fact_page(request, shown, name="lead", facts="lead activity", context=context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new lead, and the lead made from it."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_DEALS)
    form = NewLeadForm(request.POST or None, viewer=viewer)
    return form_page(
        request,
        form,
        lambda: _create(form, viewer),
        lead_url,
        title=_("New lead"),
        back=reverse("pipeline:leads"),
    )


def _create(form: NewLeadForm, viewer: User) -> Lead:
    owner = form.cleaned_data.get("owner") or viewer
    return create_lead(by=viewer, at=timezone.now(), owner=owner, fields=form.changes())


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of what is known about a lead."""
    shown, viewer = _seen(request, pk), viewer_of(request)
    require(viewer, Permission.WORK_DEALS)
    form = LeadForm(request.POST or None, instance=shown)
    return form_page(
        request,
        form,
        lambda: _edit(form, shown, viewer),
        lead_url,
        title=str(shown),
        back=lead_url(shown),
    )


def _edit(form: LeadForm, shown: Lead, viewer: User) -> Lead:
    revision = form.cleaned_data["revision"] or 0
    return edit_lead(lead=shown, by=viewer, revision=revision, changes=form.changes())


@require_http_methods(["GET", "POST"])
def convert(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of the deal that a lead becomes, and the deal made from it."""
    shown, viewer = _seen(request, pk), viewer_of(request)
    require(viewer, Permission.WORK_DEALS)
    start: dict[str, Any] = {"name": str(shown), "currency": Company.current().currency}
    start["customer"] = shown.customer_id or _namesake(shown, viewer)
    form = ConvertForm(request.POST or None, viewer=viewer, lead=shown, initial=start)
    return form_page(
        request,
        form,
        lambda: _convert(form, shown, viewer),
        deal_url,
        title=_("Convert %(lead)s to a deal") % {"lead": shown},
        back=lead_url(shown),
        submit=_("Convert"),
    )


def _namesake(shown: Lead, viewer: User) -> Any:
    """The customer that is probably meant: the one of the lead's company name."""
    if not shown.company_name:
        return None
    alike = Customer.objects.visible_to(viewer).filter(name__iexact=shown.company_name)
    return alike.values_list("pk", flat=True).first()


def _convert(form: ConvertForm, shown: Lead, viewer: User) -> Deal:
    fields = form.changes()
    return convert_lead(
        lead=shown,
        by=viewer,
        revision=form.cleaned_data["revision"] or 0,
        at=timezone.now(),
        stage=form.cleaned_data["stage"],
        customer=fields.pop("customer"),
        fields=fields,
    )


@require_POST
def status(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a lead up, or set it aside as disqualified."""
    shown, chosen = _seen(request, pk), checked(StatusForm(request.POST))
    label = LeadStatus(chosen["status"]).label
    return done(
        request,
        lambda: set_status(
            lead=shown,
            to=chosen["status"],
            by=viewer_of(request),
            revision=chosen["revision"],
        ),
        said=_("%(lead)s: %(status)s.") % {"lead": shown, "status": label},
        back=lead_url(shown),
    )


@require_POST
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Note a contact with a lead."""
    shown, chosen = _seen(request, pk), checked(ActivityForm(request.POST))
    return done(
        request,
        lambda: log_activity(
            by=viewer_of(request),
            at=timezone.now(),
            lead=shown,
            kind=chosen["kind"],
            subject=chosen["subject"],
            note=chosen["note"],
        ),
        said=_("Noted."),
        back=lead_url(shown),
    )
