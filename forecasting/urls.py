"""Addresses of the forecast."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "forecasting"

urlpatterns: list[URLPattern] = []
