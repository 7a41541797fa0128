"""Addresses of the KPI explorer; the names of its own pages are no KPI's key."""

from django.urls import path

from dashboards.explorer import saving, views

app_name = "explorer"

urlpatterns = [
    path("", views.catalog, name="list"),
    path("reference/", views.reference, name="reference"),
    path("steps/<slug:key>/", views.step, name="step"),
    path("views/<int:pk>/", saving.view, name="view"),
    path("views/<int:pk>/edit/", saving.edit, name="edit"),
    path("views/<int:pk>/delete/", saving.delete, name="delete"),
    path("<slug:key>/", views.kpi, name="kpi"),
    path("<slug:key>/trend/", views.trend, name="trend"),
    path("<slug:key>/table/", views.table, name="table"),
    path("<slug:key>/save/", saving.save, name="save"),
]
