"""How people come in: staff add them; nobody signs up by themselves."""

from collections.abc import Callable

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class StaffAddsPeople(DefaultAccountAdapter):  # type: ignore[misc] # allauth carries no types
    """Closes the sign-up page, for passwords and single sign-on alike."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 # closed to all
        return False


def addresses(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # nobody's
    """allauth's page where people add addresses: not here, for each lets its owner in.

    An address that nobody proved theirs would be signed in with, mailed to, and matched by
    single sign-on.
    """
    raise Http404


class SignInFirst(LoginRequiredMiddleware):
    """Sends whoever is not signed in to sign in.

    A part of a page that asks by htmx would show the sign-in form in its own place: it has the
    whole page loaded again instead, which then leads there and back.
    """

    def handle_no_permission(  # type: ignore[override] # the stubs know Django's own answer only
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if "HX-Request" in request.headers:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return super().handle_no_permission(request, view_func)
