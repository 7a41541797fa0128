"""Addresses of alert rules and incidents."""

from django.urls import path

from alerts import nudging, views

app_name = "alerts"

urlpatterns = [
    path("", views.rules, name="list"),
    path("nudge/", nudging.press, name="nudge"),
    path("new/", views.new, name="new"),
    path("preview/", views.preview, name="preview"),
    path("rules/<int:pk>/", views.rule, name="rule"),
    path("rules/<int:pk>/edit/", views.edit, name="edit"),
    path("rules/<int:pk>/active/", views.activate, name="activate"),
    path("rules/<int:pk>/delete/", views.delete, name="delete"),
    path("incidents/", views.incidents, name="incidents"),
    path("incidents/count/", views.count, name="count"),
    path("incidents/<int:pk>/", views.incident, name="incident"),
    path("incidents/<int:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
]
