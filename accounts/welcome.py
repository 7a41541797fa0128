"""The page that a new installation opens with: who sets the company up."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actions import add_first_person
from accounts.models import User


class WelcomeForm(forms.Form):
    company = forms.CharField(label=_("Company"), max_length=200)
    name = forms.CharField(label=_("Your name"), max_length=150)
    email = forms.EmailField(label=_("Your e-mail address"), max_length=254)
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html(),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


@login_not_required
def welcome(request: HttpRequest) -> HttpResponse:
    """Adds the first person and signs them in; there is no such page once somebody is here."""
    if User.objects.exists():
        raise Http404
    form = WelcomeForm(request.POST or None)
    if not form.is_valid():
        return render(request, "account/welcome.html", {"form": form})
    user = add_first_person(**form.cleaned_data, language=get_language() or "ko")
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("/")
