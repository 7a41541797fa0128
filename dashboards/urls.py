"""Addresses of the role homes and of the frame's own requests."""

from django.urls import path

from dashboards import moved, preferences, recomputing, sparks, views
from dashboards.goals import comments, split
from dashboards.goals import views as goals

app_name = "dashboards"

urlpatterns = [
    path("", views.home, name="home"),
    path("home/", views.panels, name="panels"),
    path("home/<slug:key>/", views.panel, name="panel"),
    path("sparks/", sparks.sparks, name="sparks"),
    path("cohorts/", views.cohorts, name="cohorts"),
    path("explain/<slug:key>/", views.explain, name="explain"),
    path("waterfall/<slug:step>/", moved.moved, name="waterfall"),
    path("goals/", goals.goals, name="goals"),
    path("goals/new/", goals.new, name="goal-new"),
    path("goals/check/", goals.check, name="goal-check"),
    path("goals/scorecard/", goals.scorecard, name="goal-scorecard"),
    path("goals/comments/said/", comments.said, name="goal-thread"),
    path("goals/comments/", comments.add, name="goal-comments"),
    path("goals/comments/<int:pk>/", comments.edit, name="goal-comment"),
    path("goals/comments/<int:pk>/delete/", comments.delete, name="goal-comment-delete"),
    path("goals/<int:pk>/", goals.goal, name="goal"),
    path("goals/<int:pk>/edit/", goals.edit, name="goal-edit"),
    path("goals/<int:pk>/delete/", goals.delete, name="goal-delete"),
    path("goals/<int:pk>/split/", split.split, name="goal-split"),
    path("recomputation/", recomputing.recomputation, name="recomputation"),
    path("recomputation/stop/", recomputing.stop, name="recomputation-stop"),
    path("recomputation/resume/", recomputing.resume, name="recomputation-resume"),
    path("language/", preferences.language, name="language"),
]
