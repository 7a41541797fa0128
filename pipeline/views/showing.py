"""The page of one fact."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pipeline.models.fact import Fact


def fact_page(
    request: HttpRequest, shown: Fact, *, name: str, facts: str, context: dict[str, Any]
) -> HttpResponse:
    """`pipeline/NAMEs/body.html` in its page; alone where the page asks for it again.

    `name` is also what that body calls the fact; `facts` are those whose changes it shows.
    """
    body = f"pipeline/{name}s/body.html"
    context = {name: shown, **context}
    if request.headers.get("HX-Target") == name:
        return render(request, body, context)
    around = {"title": str(shown), "name": name, "facts": facts, "body": body}
    return render(request, "pipeline/parts/fact_page.html", {**context, **around})
