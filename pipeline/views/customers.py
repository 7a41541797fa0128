"""Customers: their list by segment, their pages, and their forms."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Company, User
from accounts.roles import Permission, allowed, require
from accounts.scope import COMPANY, Scope, ScopeKind
from accounts.selection import selection
from pipeline.actions.customers import create_customer, edit_customer
from pipeline.exports import FORMATS, export
from pipeline.forms.customers import CustomerFilterForm, CustomerForm
from pipeline.forms.editing import OPTIONS
from pipeline.models import Contract, Customer, Deal, Lead
from pipeline.purchases import purchases_of
from pipeline.search import storable
from pipeline.views.asking import seen, viewer_of
from pipeline.views.listing import as_now, list_context, ordered, page_of
from pipeline.views.saving import form_page
from pipeline.views.showing import fact_page

SORTS = {
    "name": "name",
    "industry": "industry",
    "size": "employees",
    "region": "region",
    "owner": "owner__name",
}
LISTED = 20
AT_ONCE = 500


@require_GET
def customers(request: HttpRequest) -> HttpResponseBase:
    """Customers of the bar's scope; a file with `export=csv` or `xlsx`."""
    form = CustomerFilterForm(request.GET, viewer=viewer_of(request))
    rows = ordered(request, _found(request, form), SORTS, "name")
    if request.GET.get("export") in FORMATS:
        lines = as_now(_lines(request, rows))
        return export("customers", _header(), lines, file_format=request.GET["export"])
    page = page_of(request, rows)
    new_row = ("pipeline:customer-new", _("New customer"))
    context = {
        **list_context(request, page, form, name="customers", title=_("Customers"), new=new_row),
        "rows": _with_purchases(request, list(page.object_list)),
        "currency": Company.current().currency,
    }
    return render(request, "pipeline/customers/list.html", context)


def _found(request: HttpRequest, form: CustomerFilterForm) -> QuerySet[Any]:
    chosen = form.chosen()
    rows = Customer.objects.visible_to(viewer_of(request)).filter(
        _of_scope(selection(request).scope)
    )
    for name, column in (("industry", "industry"), ("size", "size_band"), ("region", "region")):
        if name in chosen:
            rows = rows.filter(**{column: chosen[name]})
    if "q" in chosen:
        rows = rows.filter(name__icontains=chosen["q"])
    return rows.select_related("owner")


def _of_scope(scope: Scope) -> Q:
    """Customers that a scope looks after or has a deal with."""
    if scope.kind is ScopeKind.COMPANY:
        return Q()
    deals = Deal.objects.filter(scope.covers(), customer=OuterRef("pk"))
    own = Q(owner=scope.id) if scope.kind is ScopeKind.USER else Q()
    return own | Q(Exists(deals))


def _with_purchases(request: HttpRequest, found: list[Customer]) -> list[dict[str, Any]]:
    looked_at = selection(request)
    bought = purchases_of(
        [customer.pk for customer in found],
        scope=looked_at.scope,
        viewer=viewer_of(request),
        at=looked_at.at,
    )
    return [{"customer": customer, "bought": bought[customer.pk]} for customer in found]


def _header() -> list[str]:
    return [
        _("Name"),
        _("Industry"),
        _("Size"),
        _("Employees"),
        _("Region"),
        _("Owner"),
        _("Won so far"),
        _("Open pipeline"),
        _("Currency"),
    ]


def _lines(request: HttpRequest, rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """A line for each customer; what they bought is asked for many at once."""
    currency = Company.current().currency
    found = rows.iterator(chunk_size=AT_ONCE)
    while some := list(islice(found, AT_ONCE)):
        for row in _with_purchases(request, some):
            customer, bought = row["customer"], row["bought"]
            yield [
                customer.name,
                customer.industry,
                customer.get_size_band_display(),
                customer.employees,
                customer.region,
                customer.owner and str(customer.owner),
                bought.won,
                bought.open,
                currency,
            ]


def customer_url(customer: Customer) -> str:
    return reverse("pipeline:customer", args=[customer.pk])


def _seen(request: HttpRequest, pk: int) -> Customer:
    customer: Customer = seen(Customer.objects.select_related("owner"), request, pk)
    return customer


@require_GET
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """A customer's page; its inner part alone where the page asks for it again."""
    shown, viewer = _seen(request, pk), viewer_of(request)
    bought = purchases_of([shown.pk], scope=COMPANY, viewer=viewer, at=selection(request).at)
    deals = Deal.objects.visible_to(viewer).filter(customer=shown).for_listing()
    context = {
        "bought": bought[shown.pk],
        "open_deals": deals.open().order_by("expected_close", "pk")[:LISTED],
        "closed_deals": deals.exclude(closed_at=None).order_by("-closed_at")[:LISTED],
        "contracts": Contract.objects.visible_to(viewer).filter(customer=shown)[:LISTED],
        "leads": Lead.objects.visible_to(viewer).filter(customer=shown)[:LISTED],
        "currency": Company.current().currency,
        "may_work": allowed(viewer, Permission.WORK_DEALS),
        "may_contract": allowed(viewer, Permission.EDIT_FINANCE),
    }
    facts = "customer deal contract lead"
    return fact_page(request, shown, name="customer", facts=facts, context=context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form of a new customer, and the customer made from it."""
    viewer = viewer_of(request)
    require(viewer, Permission.WORK_DEALS)
    form = CustomerForm(request.POST or None, viewer=viewer, initial={"owner": viewer.pk})
    return form_page(
        request,
        form,
        lambda: _create(form, viewer),
        customer_url,
        title=_("New customer"),
        back=reverse("pipeline:customers"),
    )


def _create(form: CustomerForm, viewer: User) -> Customer:
    return create_customer(by=viewer, at=timezone.now(), fields=form.changes())


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of what is known about a customer."""
    shown, viewer = _seen(request, pk), viewer_of(request)
    require(viewer, Permission.WORK_DEALS)
    form = CustomerForm(request.POST or None, instance=shown, viewer=viewer)
    return form_page(
        request,
        form,
        lambda: _edit(form, shown, viewer),
        customer_url,
        title=shown.name,
        back=customer_url(shown),
    )


def _edit(form: CustomerForm, shown: Customer, viewer: User) -> Customer:
    revision = form.cleaned_data["revision"] or 0
    return edit_customer(customer=shown, by=viewer, revision=revision, changes=form.changes())


@require_GET
def options(request: HttpRequest) -> HttpResponse:
    """The customers of a name, as options of a form's list."""
    text = storable(request.GET.get("q", "")).strip()
    rows = Customer.objects.visible_to(viewer_of(request)).filter(name__icontains=text)
    context = {"customers": rows.order_by("name", "pk")[:OPTIONS]}
    return render(request, "pipeline/parts/customer_options.html", context)
