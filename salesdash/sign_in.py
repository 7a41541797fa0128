"""How people come in: staff add them; nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import Http404, HttpRequest, HttpResponse


class StaffAddsPeople(DefaultAccountAdapter):  # type: ignore[misc] # allauth carries no types
    """Closes the sign-up page, for passwords and single sign-on alike."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 # closed to all
        return False


def addresses(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """allauth's page where people add addresses: not here, for each lets its owner in.

    An address that nobody proved theirs would be signed in with, mailed to, and matched by
    single sign-on.
    """
    raise Http404
