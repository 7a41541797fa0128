"""How people come in: staff add them; nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAddsPeople(DefaultAccountAdapter):  # type: ignore[misc] # allauth carries no types
    """Closes the sign-up page, for passwords and single sign-on alike."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 # closed to all
        return False
