"""Addresses of the role homes and of the frame's own requests."""

from django.urls import path

from dashboards import moved, preferences, views

app_name = "dashboards"

urlpatterns = [
    path("", views.home, name="home"),
    path("home/", views.panels, name="panels"),
    path("home/<slug:key>/", views.panel, name="panel"),
    path("cohorts/", views.cohorts, name="cohorts"),
    path("explain/<slug:key>/", views.explain, name="explain"),
    path("waterfall/<slug:step>/", moved.moved, name="waterfall"),
    path("language/", preferences.language, name="language"),
]
