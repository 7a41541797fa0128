"""Answers are for who asked: no cache on the way, nor the browser after sign-out, keeps them."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

Respond = Callable[[HttpRequest], HttpResponseBase]


def private_answers(get_response: Respond) -> Respond:
    """Middleware: what says nothing of caches is kept by none. Static files are served above."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return respond
