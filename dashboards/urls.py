"""Addresses of the role homes and of the frame's own requests."""

from django.urls import path

from dashboards import preferences

app_name = "dashboards"

urlpatterns = [
    path("language/", preferences.language, name="language"),
]
