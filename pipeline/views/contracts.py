"""The forms of contracts, which finance fills in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Company
from accounts.roles import Permission, require
from pipeline.actions.finance import create_contract, edit_contract
from pipeline.forms.contracts import ContractForm
from pipeline.models import Contract, Customer
from pipeline.views.asking import seen, viewer_of
from pipeline.views.customers import customer_url
from pipeline.views.saving import form_page


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a customer's new contract."""
    viewer = viewer_of(request)
    require(viewer, Permission.EDIT_FINANCE)
    customer: Customer = seen(Customer.objects, request, pk)
    blank = Contract(customer=customer, currency=Company.current().currency)
    form = ContractForm(request.POST or None, instance=blank)
    return form_page(
        request,
        form,
        lambda: create_contract(by=viewer, fields={**form.changes(), "customer": customer}),
        _where,
        title=_("New contract"),
        back=customer_url(customer),
    )


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a contract."""
    viewer = viewer_of(request)
    require(viewer, Permission.EDIT_FINANCE)
    shown: Contract = seen(Contract.objects.select_related("customer"), request, pk)
    form = ContractForm(request.POST or None, instance=shown)
    return form_page(
        request,
        form,
        lambda: edit_contract(
            contract=shown,
            by=viewer,
            revision=form.cleaned_data["revision"] or 0,
            changes=form.changes(),
        ),
        _where,
        title=str(shown),
        back=customer_url(shown.customer),
    )


def _where(contract: Contract) -> str:
    return customer_url(contract.customer)
