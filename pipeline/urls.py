"""Addresses of the pipeline's pages: board, deals, leads, customers, search."""

from django.urls import path

from pipeline.views import board

app_name = "pipeline"

urlpatterns = [
    path("pipeline/", board.board, name="board"),
    path("deals/", board.board, name="deals"),
    path("deals/new/", board.board, name="deal-new"),
    path("deals/<int:pk>/", board.board, name="deal"),
]
