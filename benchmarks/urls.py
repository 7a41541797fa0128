"""Every address, and an empty page in the frame, which others are measured against."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from salesdash.urls import handler400, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]


def empty(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


urlpatterns = [*urlpatterns, path("bench/empty/", empty)]
